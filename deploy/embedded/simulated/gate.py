"""In front of a simulated API: its log of calls and its faults, in the order in which a request meets them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from embedded.simulated.calls import Calls
from embedded.simulated.connections import Connections
from embedded.simulated.faults import Broken, FaultDesk, Faults, Status
from embedded.simulated.spoilt import Cut

A = TypeVar("A")


@dataclass(frozen=True)
class Asked:
    """What of a request is told: `named`, which credentials came with it; `body`, without them; `more`, what only this
    API has."""

    endpoint: str
    named: list[str]
    body: bytes
    more: Mapping[str, Any] = field(default_factory=dict)


class Api(Protocol[A]):
    """One vendor's API, with its own credentials, limits and wordings."""

    def asked(self, request: Request, body: bytes) -> Asked: ...

    async def answer(self, request: Request, asked: Asked, body: bytes) -> A:
        """All is done when this returns; `FaultDesk.slow_down("work", …)` and `locks` are its own to call."""
        ...

    def refused(self, status: Status) -> Response: ...

    def said(self, answer: A, asked: Asked, broken: Broken | None) -> Response: ...


class Gate(Generic[A]):
    """An ASGI application."""

    def __init__(self, api: Api[A], *, faults: FaultDesk[Any], calls: Calls, connections: Connections) -> None:
        self._api, self._calls, self._connections = api, calls, connections
        self._faults: FaultDesk[Faults] = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        asked = self._api.asked(request, body)
        call = self._calls.add(
            method=request.method,
            path=request.url.path,
            endpoint=asked.endpoint,
            named=asked.named,
            body=asked.body,
            **asked.more,
        )
        try:
            response = await self._respond(request, asked, body)
        except Cut:
            call["status"] = 0
            self._connections.cut(scope["client"])
            await receive()  # the server tells of the end, so that it does not answer for us
            return
        call["status"] = response.status_code
        await response(scope, receive, send)

    async def _respond(self, request: Request, asked: Asked, body: bytes) -> Response:
        faults, method, endpoint = self._faults, request.method, asked.endpoint
        await faults.slow_down("arrival", method, endpoint)
        if faults.resets("before", method, endpoint):
            raise Cut
        if (status := faults.status(method, endpoint)) is not None:
            return self._api.refused(status)
        answer = await self._api.answer(request, asked, body)
        if faults.resets("after_commit", method, endpoint):
            raise Cut
        if (status := faults.status(method, endpoint, applied=True)) is not None:
            return self._api.refused(status)
        return self._api.said(answer, asked, faults.broken(method, endpoint))
