"""Errors as RFC 9457 problem documents: a refusal by its code, everything else by its status and without details."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from shared.contracts.reading import problems_in
from shared.engine.decision import Problem, Refused, refuse
from shared.engine.errors import Unavailable
from shared.telemetry import metrics

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_S: Final = 2

_STATUS: Final = {
    "NOT_FOUND": HTTPStatus.NOT_FOUND,
    "VERSION_MISMATCH": HTTPStatus.PRECONDITION_FAILED,
    "MALFORMED": HTTPStatus.BAD_REQUEST,
    "UNSUPPORTED_MEDIA_TYPE": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
}
_log = structlog.get_logger(__name__)


class Unauthenticated(Exception):  # noqa: N818 - an answer to the client, not a fault of ours
    """The token is missing or not believed. `detail` says what is wrong with it, never what was in it."""

    def __init__(self, detail: str, *, missing: bool = False) -> None:
        super().__init__(detail)
        self.detail, self.missing = detail, missing


def status_of(code: str) -> HTTPStatus:
    """The status that a refusal's code stands for: 409 for what the state does not allow, 422 for what is wrong."""
    known = _STATUS.get(code)
    if known is not None:
        return known
    if code.startswith(("CONFLICT", "ALREADY_")) or code.endswith("_STATE"):
        return HTTPStatus.CONFLICT
    return HTTPStatus.UNPROCESSABLE_ENTITY


def malformed(pointer: str, detail: str) -> Refused:
    """400: the request cannot be read at all."""
    return refuse(pointer, "MALFORMED", detail)


def problem(
    request: Request,
    status: HTTPStatus,
    detail: str | None = None,
    *,
    errors: Iterable[Any] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem document. `errors` have `pointer`, `code` and `detail`."""
    body: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": int(status)}
    if detail is not None:
        body["detail"] = detail
    body["errors"] = [{"pointer": each.pointer, "code": each.code, "detail": each.detail} for each in errors]
    if (correlation_id := getattr(request.state, "correlation_id", None)) is not None:
        body["correlation_id"] = correlation_id
    return JSONResponse(body, int(status), headers, MEDIA_TYPE)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)  # noqa: S101 - it is registered for this type only
    statuses = [status_of(each.code) for each in error.problems]
    status = statuses[0] if len(set(statuses)) == 1 else HTTPStatus.UNPROCESSABLE_ENTITY
    metrics.refused("http").inc()
    _log.info("refused", status=int(status), codes=[f"{each.pointer} {each.code}" for each in error.problems][:20])
    detail = error.problems[0].detail if len(error.problems) == 1 else f"{len(error.problems)} problems were found"
    return problem(request, status, detail, errors=error.problems)


async def _invalid(request: Request, error: Exception) -> Response:
    """What FastAPI validates itself: paths and queries; the first part of a place says which and is left out."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
    found = problems_in(error.errors(), prefix=1)
    return await _refused(request, Refused(*(Problem(each.pointer, each.code, each.detail) for each in found)))


async def _unauthenticated(request: Request, error: Exception) -> Response:
    assert isinstance(error, Unauthenticated)  # noqa: S101 - as above
    challenge = 'Bearer realm="rebilling"'
    if not error.missing:
        challenge += ', error="invalid_token"'
    errors = (Problem("", "UNAUTHENTICATED", error.detail),)
    return problem(
        request, HTTPStatus.UNAUTHORIZED, error.detail, errors=errors, headers={"WWW-Authenticate": challenge}
    )


async def _unavailable(request: Request, error: Exception) -> Response:
    _log.warning("unavailable", error=error)
    return problem(
        request,
        HTTPStatus.SERVICE_UNAVAILABLE,
        "a part of the system is away; whether the request had its effect is not known: send it again, with the same "
        "Idempotency-Key if it had one",
        headers={"Retry-After": str(RETRY_AFTER_S)},
    )


async def _other(request: Request, error: Exception) -> Response:
    """404, 405 and the like. Their own texts may repeat what was sent, so the phrase has to do."""
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = _allowed(request) or headers.get("Allow", "")
    return problem(request, HTTPStatus(error.status_code), headers=headers)


def _allowed(request: Request) -> str:
    """All the methods of this address, also where they are routes of their own; the framework names the first's."""
    template = getattr(request.scope.get("route"), "path", "")
    operations: dict[str, Any] = request.app.openapi()["paths"].get(template, {})
    return ", ".join(method.upper() for method in operations)


def install(app: FastAPI) -> None:
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Unauthenticated, _unauthenticated)
    app.add_exception_handler(Unavailable, _unavailable)
    app.add_exception_handler(HTTPException, _other)
