"""How an answer looks that a fault has spoilt, whichever the API."""

import json
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import HTMLResponse, JSONResponse, Response

from embedded.simulated.faults import Broken, Status

_PAGE: Final = "<!DOCTYPE html><html><head><title>Service Unavailable</title></head><body>Sorry.</body></html>"


class Cut(Exception):  # noqa: N818 - told to the server, not to a person
    """The connection ends here."""


def refusal(status: Status, body: Any) -> Response:
    """`body`: what the API says in its own shape, unless the fault wants a page or nothing."""
    headers = {"Retry-After": status.retry_after, "Location": status.location}
    given = {name: value for name, value in headers.items() if value is not None}
    if status.shape == "empty":
        return Response(status_code=status.code, headers=given)
    if status.shape == "html":
        return HTMLResponse(_PAGE, status.code, headers=given)
    return JSONResponse(body, status.code, headers=given)


def whole(payload: Any, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(_json(payload), status, headers, media_type="application/json")


def spoilt(broken: Broken, payload: Any, status: int) -> Response:
    """For all kinds but `other_link`, which each API carries elsewhere."""
    if broken.kind == "html":
        return HTMLResponse(_PAGE, HTTPStatus.OK)
    if broken.kind == "truncated":
        content = _json(payload)
        return Response(content[: len(content) // 2], status, media_type="application/json")
    return JSONResponse({"status": "ok", "version": 3}, status)


def _json(payload: Any) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
