"""In front of the API: codebase, credentials and faults, in the order in which a request meets them."""

import base64
import hmac
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from embedded.connectwise.answers import Answer, ApiRefusal, unauthorized
from embedded.connectwise.credentials import CLIENT_ID, COMPANY, PRIVATE_KEY, PUBLIC_KEY
from embedded.connectwise.reading import Request
from embedded.connectwise.rest import Rest
from embedded.connectwise.store import Companies
from embedded.simulated.calls import Calls
from embedded.simulated.connections import Connections
from embedded.simulated.faults import LOCKED, Broken, FaultDesk, Faults, Status
from embedded.simulated.spoilt import Cut, refusal, spoilt, whole

INFORMATION: Final = ("login", "companyinfo")
_API: Final = ("apis", "3.0")
_BASIC: Final = "Basic " + base64.b64encode(f"{COMPANY}+{PUBLIC_KEY}:{PRIVATE_KEY}".encode()).decode()
_HEADERS: Final = {"Authorization": _BASIC, "clientId": CLIENT_ID}
_NO_PAGE: Final = "<!DOCTYPE html><html><body>404 - File or directory not found.</body></html>"


def of_the_api(path: str) -> bool:
    steps = _steps(path)
    return steps[:2] == INFORMATION or steps[1:3] == _API


class Gate:
    def __init__(
        self, *, companies: Companies, faults: FaultDesk[Faults], calls: Calls, connections: Connections
    ) -> None:
        self._companies, self._faults, self._calls, self._connections = companies, faults, calls, connections
        self._rest = Rest(companies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = HttpRequest(scope, receive)
        body = await request.body()
        steps = _steps(request.url.path)
        endpoint = _endpoint(steps)
        call = self._calls.add(
            method=request.method,
            path=request.url.path,
            endpoint=endpoint,
            named=[name for name in _HEADERS if name in request.headers],
            body=body,
            codebase=steps[0],
            query=dict(request.query_params),
        )
        try:
            response = await self._respond(request, body, steps, endpoint)
        except Cut:
            call["status"] = 0
            self._connections.cut(scope["client"])
            await receive()  # the server tells of the end, so that it does not answer for us
            return
        call["status"] = response.status_code
        await response(scope, receive, send)

    async def _respond(self, http: HttpRequest, body: bytes, steps: tuple[str, ...], endpoint: str) -> Response:
        faults, method = self._faults, http.method
        await faults.slow_down("arrival", method, endpoint)
        if faults.resets("before", method, endpoint):
            raise Cut
        if (status := faults.status(method, endpoint)) is not None:
            return _refused(status)
        if steps[1:3] == _API and steps[0] != self._companies.codebase:
            return HTMLResponse(_NO_PAGE, HTTPStatus.NOT_FOUND)
        await faults.slow_down("work", method, endpoint)
        if method == "PATCH" and faults.locks(method, endpoint):
            return _refused(Status(code=500, text=LOCKED))
        answer = self._answer(http, body, steps)
        if faults.resets("after_commit", method, endpoint):
            raise Cut
        if (status := faults.status(method, endpoint, applied=True)) is not None:
            return _refused(status)
        return _said(answer, faults.broken(method, endpoint))

    def _answer(self, http: HttpRequest, body: bytes, steps: tuple[str, ...]) -> Answer:
        if steps[:2] == INFORMATION:
            return self._information(steps[2:], http.url.netloc)
        try:
            _admit(http)
        except ApiRefusal as refused:
            return refused.answer
        forward = http.headers.get("pagination-type", "").lower() == "forward-only"
        url = str(http.url.replace(query="", fragment=""))
        return self._rest.answer(Request(http.method, steps[3:], http.query_params, body, url, forward))

    def _information(self, named: tuple[str, ...], site: str) -> Answer:
        """Asked without credentials. A company that there is not is no error: null with 200."""
        if named != (COMPANY,):
            return Answer(None)
        codebase = self._companies.codebase
        told = {"CompanyName": "Northwind Managed IT", "CompanyID": COMPANY, "Codebase": f"{codebase}/"}
        return Answer({**told, "VersionCode": codebase.replace("_", "."), "SiteUrl": site, "IsCloud": True})


def _admit(http: HttpRequest) -> None:
    given = {name: http.headers.get(name, "").encode() for name in _HEADERS}
    right = [hmac.compare_digest(given[name], value.encode()) for name, value in _HEADERS.items()]
    if not all(right):
        raise unauthorized()


def _steps(path: str) -> tuple[str, ...]:
    return tuple(step for step in path.split("/") if step)


def _endpoint(steps: tuple[str, ...]) -> str:
    """`companies`, `statuses`, `companyinfo`, …"""
    if steps[:2] == INFORMATION:
        return steps[1]
    named = [step for step in steps[3:] if not step.isdecimal()]
    return named[-1] if named else ""


def _refused(status: Status) -> Response:
    body: Any = {"code": "ConnectWiseApi", "message": status.text}
    return refusal(status, {"Message": status.text} if status.shape == "message" else body)


def _said(answer: Answer, broken: Broken | None) -> Response:
    links = dict(answer.links)
    if broken is not None:
        if broken.kind != "other_link":
            return spoilt(broken, answer.payload, answer.status)
        links = {"next": broken.link or ""}
    header = ", ".join(f'<{url}>; rel="{relation}"' for relation, url in links.items())
    return whole(answer.payload, answer.status, {"Link": header} if header else None)
