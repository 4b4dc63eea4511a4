"""In front of the API: zones, credentials, limits and faults, in the order in which a request meets them."""

import asyncio
import hmac
from typing import Final

from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from embedded.autotask.answers import Answer, ApiRefusal, not_found, refused, unauthorized
from embedded.autotask.credentials import INTEGRATION_CODE, SECRET, USERNAME, ZONES
from embedded.autotask.faults import AutotaskFaults, zone_url
from embedded.autotask.limits import Limits
from embedded.autotask.reading import Request
from embedded.autotask.rest import Rest
from embedded.autotask.store import Companies
from embedded.simulated.calls import Calls
from embedded.simulated.connections import Connections
from embedded.simulated.faults import LOCKED, Broken, FaultDesk, Status
from embedded.simulated.spoilt import Cut, refusal, spoilt, whole

ROOT: Final = "/atservicesrest"
_CHANGES: Final = ("PATCH", "PUT")
_HEADERS: Final = {"UserName": USERNAME, "Secret": SECRET, "ApiIntegrationCode": INTEGRATION_CODE}


class Gate:
    def __init__(
        self,
        *,
        companies: Companies,
        faults: FaultDesk[AutotaskFaults],
        limits: Limits,
        calls: Calls,
        connections: Connections,
    ) -> None:
        self._companies, self._faults, self._limits = companies, faults, limits
        self._calls, self._connections = calls, connections
        self._rest = Rest(companies, limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = HttpRequest(scope, receive)
        body = await request.body()
        zone, steps = _split(request.url.path)
        endpoint = _endpoint(steps)
        named = [name for name in _HEADERS if name in request.headers]
        call = self._calls.add(
            method=request.method, path=request.url.path, zone=zone, endpoint=endpoint, named=named, body=body
        )
        try:
            response = await self._respond(request, body, zone, steps, endpoint)
        except Cut:
            call["status"] = 0
            self._connections.cut(scope["client"])
            await receive()  # the server tells of the end, so that it does not answer for us
            return
        call["status"] = response.status_code
        await response(scope, receive, send)

    async def _respond(
        self, http: HttpRequest, body: bytes, zone: str, steps: tuple[str, ...], endpoint: str
    ) -> Response:
        faults, method = self._faults, http.method
        await faults.slow_down("arrival", method, endpoint)
        if faults.resets("before", method, endpoint):
            raise Cut
        if (status := faults.status(method, endpoint)) is not None:
            return _refused(status)
        try:
            answer = await self._answer(http, body, zone, steps, endpoint)
        except ApiRefusal as refusal:
            answer = refusal.answer
        if faults.resets("after_commit", method, endpoint):
            raise Cut
        if (status := faults.status(method, endpoint, applied=True)) is not None:
            return _refused(status)
        return _spoilt(answer, faults.broken(method, endpoint))

    async def _answer(self, http: HttpRequest, body: bytes, zone: str, steps: tuple[str, ...], endpoint: str) -> Answer:
        if not zone and steps == ("versioninformation",):
            return Answer({"apiVersions": ["1.0"]})
        if steps[:1] != ("v1.0",):
            raise not_found()
        if not zone and steps[1:] == ("zoneinformation",):
            return self._zone_information(http)
        self._admit(http, zone)
        self._limits.count()
        with self._limits.thread(endpoint, http.headers["ApiIntegrationCode"]):
            await asyncio.sleep(self._limits.delay_s())
            await self._faults.slow_down("work", http.method, endpoint)
            if http.method in _CHANGES and self._faults.locks(http.method, endpoint):
                raise refused(LOCKED)
            base = f"{http.url.scheme}://{http.url.netloc}/{zone}/ATServicesRest"
            return self._rest.answer(Request(http.method, steps[1:], http.query_params, body, base))

    def _zone_information(self, http: HttpRequest) -> Answer:
        """Asked without credentials, and exempt from the limits. An unknown user is an error of the server's: 500."""
        if http.query_params.get("user", "").casefold() != USERNAME:
            raise refused("The zone of this user cannot be found.")
        here = self._companies.zone
        at = f"{http.url.scheme}://{http.url.netloc}/{here}/"
        url = zone_url(self._faults) or f"{at}ATServicesRest/"
        return Answer({"zoneName": here, "url": url, "webUrl": at, "ci": 100000 + ZONES.index(here)})

    def _admit(self, http: HttpRequest, zone: str) -> None:
        """A tenant that was moved is not known any more where it was: 401, as for wrong credentials."""
        given = {name: http.headers.get(name, "").encode() for name in _HEADERS}
        right = [hmac.compare_digest(given[name], value.encode()) for name, value in _HEADERS.items()]
        if zone != self._companies.zone or not all(right):
            raise unauthorized()


def _split(path: str) -> tuple[str, tuple[str, ...]]:
    """The zone (empty: none) and the steps after `ATServicesRest/`, in lower case as addresses there have no case."""
    zone, _, rest = path.lower().partition(ROOT)
    return zone.strip("/"), tuple(step for step in rest.split("/") if step)


def _endpoint(steps: tuple[str, ...]) -> str:
    known = {"companies": "Companies", "countries": "Countries", "zoneinformation": "zoneInformation"}
    name = steps[1] if len(steps) > 1 else "".join(steps)
    return known.get(name, name)


def _refused(status: Status) -> Response:
    return refusal(status, {"Message": status.text} if status.shape == "message" else {"errors": [status.text]})


def _spoilt(answer: Answer, broken: Broken | None) -> Response:
    if broken is None:
        return whole(answer.payload, answer.status)
    if broken.kind != "other_link":
        return spoilt(broken, answer.payload, answer.status)
    details = {**answer.payload.get("pageDetails", {}), "nextPageUrl": broken.link}
    return whole({**answer.payload, "pageDetails": details}, answer.status)
