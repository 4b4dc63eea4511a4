"""The outermost layer of every request: its correlation id, safe headers, one log line, and nothing that escapes."""

import re
import uuid
from http import HTTPStatus
from time import perf_counter
from typing import Any, Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.telemetry import metrics
from shared.telemetry.tracing import trace_id, traceparent_of
from shared.web.problems import problem

HEADER: Final = "X-Correlation-Id"
LARGEST_BODY: Final = 1024 * 1024

_CORRELATION: Final = re.compile(r"[\x21-\x7e]{1,100}", re.ASCII)
_QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SAFE: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
)
_log = structlog.get_logger(__name__)


def route_of(scope: Scope) -> str:
    """The template of the matched route, `/v1/customers/{id}`: a path or a query may hold personal data, this not."""
    template: str | None = getattr(scope.get("route"), "path", None)
    if template is None and "endpoint" in scope and not scope.get("path_params"):
        template = scope[
            "path"
        ]  # Starlette's own routes are not named in the scope; without parameters, path is template
    return template or "unmatched"


class Edge:
    """ASGI middleware, in front of everything else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        correlation_id = _correlation_id(headers)
        traceparent = traceparent_of(headers.get("traceparent"))
        scope.setdefault("state", {}).update(correlation_id=correlation_id, traceparent=traceparent)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(correlation_id=correlation_id)
        if traceparent is not None:
            structlog.contextvars.bind_contextvars(trace_id=trace_id(traceparent))
        answer = _Answer(scope, send, correlation_id)
        try:
            await self._app(scope, _limited(headers, receive), answer.send)
        except Exception:  # noqa: BLE001 - the last place that can answer; what it was goes to the log
            _log.exception("unhandled", route=route_of(scope))
            await answer.fail(receive)
        finally:
            answer.told()


class _Answer:
    """What goes out for one request."""

    def __init__(self, scope: Scope, send: Send, correlation_id: str) -> None:
        self._scope, self._send, self._correlation_id = scope, send, correlation_id
        self._began = perf_counter()
        self._status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = MutableHeaders(scope=message)
            headers[HEADER] = self._correlation_id
            for name, value in _SAFE:
                headers.setdefault(name, value)
        await self._send(message)

    async def fail(self, receive: Receive) -> None:
        if not self._status:
            request = Request(self._scope, receive)
            await problem(request, HTTPStatus.INTERNAL_SERVER_ERROR)(self._scope, receive, self.send)

    def told(self) -> None:
        seconds = perf_counter() - self._began
        route, given = route_of(self._scope), self._scope["method"]
        method = given if given in _METHODS else "OTHER"
        metrics.http_requests(method, route, self._status).inc()
        metrics.http_request_seconds(method, route).observe(seconds)
        tell = _log.debug if route in _QUIET else _log.info
        tell("request", method=method, route=route, status=self._status, ms=round(seconds * 1000, 1))


def _correlation_id(headers: Headers) -> str:
    given = headers.getlist(HEADER)
    if len(given) == 1 and _CORRELATION.fullmatch(given[0]):
        return given[0]
    return str(uuid.uuid4())


def _limited(headers: Headers, receive: Receive) -> Receive:
    """Ends a request whose body grows beyond the limit, whether it said so before or not."""
    taken = 0

    async def limited() -> Any:
        nonlocal taken
        declared = headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > LARGEST_BODY:
            raise _too_large()
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise _too_large()
        return message

    return limited


def _too_large() -> HTTPException:
    return HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, headers={"Connection": "close"})
