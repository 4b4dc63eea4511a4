"""The API as a client meets it: the zone, credentials, limits, and then what was asked for."""

import asyncio
import hmac
from typing import Final

from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from embedded.autotask.answers import Answer, ApiRefusal, not_found, refused, unauthorized
from embedded.autotask.credentials import INTEGRATION_CODE, SECRET, USERNAME, ZONES
from embedded.autotask.faults import AutotaskFaults, zone_url
from embedded.autotask.limits import Limits
from embedded.autotask.reading import Request
from embedded.autotask.rest import Rest
from embedded.autotask.store import Companies
from embedded.simulated.faults import LOCKED, Broken, FaultDesk, Status
from embedded.simulated.gate import Asked
from embedded.simulated.spoilt import refusal, spoilt, whole

ROOT: Final = "/atservicesrest"
_CHANGES: Final = ("PATCH", "PUT")
_HEADERS: Final = {"UserName": USERNAME, "Secret": SECRET, "ApiIntegrationCode": INTEGRATION_CODE}


class AutotaskApi:
    def __init__(self, companies: Companies, limits: Limits, faults: FaultDesk[AutotaskFaults]) -> None:
        self._companies, self._limits, self._faults = companies, limits, faults
        self._rest = Rest(companies, limits)

    def asked(self, http: HttpRequest, body: bytes) -> Asked:
        zone, steps = _split(http.url.path)
        return Asked(_endpoint(steps), [name for name in _HEADERS if name in http.headers], body, {"zone": zone})

    async def answer(self, http: HttpRequest, asked: Asked, body: bytes) -> Answer:
        zone, steps = _split(http.url.path)
        try:
            return await self._answer(http, body, zone, steps, asked.endpoint)
        except ApiRefusal as refusal:
            return refusal.answer

    def refused(self, status: Status) -> Response:
        return refusal(status, {"Message": status.text} if status.shape == "message" else {"errors": [status.text]})

    def said(self, answer: Answer, _: Asked, broken: Broken | None) -> Response:
        if broken is None:
            return whole(answer.payload, answer.status)
        if broken.kind != "other_link":
            return spoilt(broken, answer.payload, answer.status)
        details = {**answer.payload.get("pageDetails", {}), "nextPageUrl": broken.link}
        return whole({**answer.payload, "pageDetails": details}, answer.status)

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
