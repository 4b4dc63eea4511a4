"""The API as a client meets it: the codebase, credentials, and then what was asked for."""

import base64
import hmac
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, Response

from embedded.connectwise.answers import Answer, ApiRefusal, unauthorized
from embedded.connectwise.credentials import CLIENT_ID, COMPANY, PRIVATE_KEY, PUBLIC_KEY
from embedded.connectwise.reading import Request
from embedded.connectwise.rest import Rest
from embedded.connectwise.store import Companies
from embedded.simulated.faults import LOCKED, Broken, FaultDesk, Faults, Status
from embedded.simulated.gate import Asked
from embedded.simulated.spoilt import refusal, spoilt, whole

INFORMATION: Final = ("login", "companyinfo")
_API: Final = ("apis", "3.0")
_BASIC: Final = "Basic " + base64.b64encode(f"{COMPANY}+{PUBLIC_KEY}:{PRIVATE_KEY}".encode()).decode()
_HEADERS: Final = {"Authorization": _BASIC, "clientId": CLIENT_ID}
_NO_PAGE: Final = "<!DOCTYPE html><html><body>404 - File or directory not found.</body></html>"


def of_the_api(path: str) -> bool:
    steps = _steps(path)
    return steps[:2] == INFORMATION or steps[1:3] == _API


class ConnectwiseApi:
    """Answers a page where there is no API."""

    def __init__(self, companies: Companies, faults: FaultDesk[Faults]) -> None:
        self._companies, self._faults = companies, faults
        self._rest = Rest(companies)

    def asked(self, http: HttpRequest, body: bytes) -> Asked:
        steps = _steps(http.url.path)
        named = [name for name in _HEADERS if name in http.headers]
        return Asked(_endpoint(steps), named, body, {"codebase": steps[0], "query": dict(http.query_params)})

    async def answer(self, http: HttpRequest, asked: Asked, body: bytes) -> Answer | Response:
        steps = _steps(http.url.path)
        if steps[1:3] == _API and steps[0] != self._companies.codebase:
            return HTMLResponse(_NO_PAGE, HTTPStatus.NOT_FOUND)
        await self._faults.slow_down("work", http.method, asked.endpoint)
        if http.method == "PATCH" and self._faults.locks(http.method, asked.endpoint):
            return self.refused(Status(code=500, text=LOCKED))
        if steps[:2] == INFORMATION:
            return self._information(steps[2:], http.url.netloc)
        try:
            _admit(http)
        except ApiRefusal as refused:
            return refused.answer
        forward = http.headers.get("pagination-type", "").lower() == "forward-only"
        url = str(http.url.replace(query="", fragment=""))
        return self._rest.answer(Request(http.method, steps[3:], http.query_params, body, url, forward))

    def refused(self, status: Status) -> Response:
        body: Any = {"code": "ConnectWiseApi", "message": status.text}
        return refusal(status, {"Message": status.text} if status.shape == "message" else body)

    def said(self, answer: Answer | Response, _: Asked, broken: Broken | None) -> Response:
        if isinstance(answer, Response):
            return answer
        links = dict(answer.links)
        if broken is not None:
            if broken.kind != "other_link":
                return spoilt(broken, answer.payload, answer.status)
            links = {"next": broken.link or ""}
        header = ", ".join(f'<{url}>; rel="{relation}"' for relation, url in links.items())
        return whole(answer.payload, answer.status, {"Link": header} if header else None)

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
