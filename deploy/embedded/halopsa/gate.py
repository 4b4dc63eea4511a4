"""The API as a client meets it: where tokens are given, tokens, the limit, and then what was asked for."""

from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from embedded.halopsa.answers import Answer, ApiRefusal, failed, not_allowed
from embedded.halopsa.credentials import TENANT
from embedded.halopsa.limit import Limit
from embedded.halopsa.rest import Rest
from embedded.halopsa.tokens import Tokens
from embedded.simulated.faults import LOCKED, Broken, FaultDesk, Faults, Status
from embedded.simulated.gate import Asked
from embedded.simulated.spoilt import refusal, spoilt, whole

_AUTHINFO: Final = ("api", "authinfo")
_TOKEN: Final = ("auth", "token")
_NAMES: Final = {"client": "Client", "site": "Site"}


def of_the_api(path: str) -> bool:
    steps = _steps(path)
    return steps[:1] == ("api",) or steps == _TOKEN


class HaloApi:
    def __init__(self, rest: Rest, tokens: Tokens, limit: Limit, faults: FaultDesk[Faults]) -> None:
        self._rest, self._tokens, self._limit, self._faults = rest, tokens, limit, faults

    def asked(self, request: Request, body: bytes) -> Asked:
        """The form with the secret is not kept."""
        steps = _steps(request.url.path)
        named = ["Authorization"] if "authorization" in request.headers else []
        if steps == _TOKEN:
            named += [name for name in ("client_id", "client_secret") if f"{name}=".encode() in body]
            body = b""
        name = steps[1] if len(steps) > 1 else ""
        return Asked(_NAMES.get(name, name), named, body, {"query": dict(request.query_params)})

    async def answer(self, request: Request, asked: Asked, body: bytes) -> Answer:
        """Every request counts, those for a token as well."""
        steps = _steps(request.url.path)
        try:
            self._limit.take()
            await self._faults.slow_down("work", request.method, asked.endpoint)
            if steps in (_AUTHINFO, _TOKEN):
                return self._authority(request, steps, body)
            if request.method == "POST" and self._faults.locks("POST", asked.endpoint):
                raise failed(LOCKED, HTTPStatus.INTERNAL_SERVER_ERROR)
            scopes = self._tokens.scopes_of(request.headers.get("authorization", ""))
            return self._rest.answer(request, steps[1:], body, scopes)
        except ApiRefusal as refused:
            return refused.answer

    def refused(self, status: Status) -> Response:
        exception = {"ClassName": "System.Exception", "Message": status.text}
        return refusal(status, {"Message": status.text} if status.shape == "message" else exception)

    def said(self, answer: Answer, asked: Asked, broken: Broken | None) -> Response:
        """Only `authinfo` names an address; elsewhere `other_link` finds nothing to spoil."""
        if answer.plain:
            return PlainTextResponse(str(answer.payload), answer.status)
        if broken is None or answer.status >= HTTPStatus.BAD_REQUEST:
            return whole(answer.payload, answer.status)
        if broken.kind != "other_link":
            return spoilt(broken, answer.payload, answer.status)
        elsewhere = {"auth_url": broken.link} if asked.endpoint == "authinfo" else {}
        return whole({**answer.payload, **elsewhere}, answer.status)

    def _authority(self, request: Request, steps: tuple[str, ...], body: bytes) -> Answer:
        if request.method != ("GET" if steps == _AUTHINFO else "POST"):
            raise not_allowed(request.method)
        if steps == _TOKEN:
            return self._tokens.give(body, request.query_params.get("tenant", ""))
        here = f"{request.url.scheme}://{request.url.netloc}"
        return Answer({"auth_url": f"{here}/auth", "tenant_id": TENANT})


def _steps(path: str) -> tuple[str, ...]:
    """In lower case, as addresses there have no case."""
    return tuple(step for step in path.lower().split("/") if step)
