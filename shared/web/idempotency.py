"""A request as the engine sees it: who asks, under which identity, so that a repeat has its effect once."""

import re
import uuid
from datetime import UTC, datetime
from typing import Final

from fastapi import Request

from shared.engine.change import Meta
from shared.engine.handled import body_digest
from shared.web.auth import Principal
from shared.web.edge import route_of
from shared.web.problems import malformed

HEADER: Final = "Idempotency-Key"
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)


def request_meta(request: Request, principal: Principal, body: bytes = b"") -> Meta:
    """The envelope of a changing request.

    Its identity is partner, method, path and key, so that one key may be used on two routes; a request without a key
    is like no other. `body` is the body as it came: the same key with another body is refused by the engine.
    """
    key = _key_of(request)
    service: str = request.app.state.service
    return Meta(
        partner_id=principal.partner_id,
        source=f"/{service}/http/{request.method} {request.scope['path']}",
        id=key or str(uuid.uuid4()),
        type=f"{request.method} {route_of(request.scope)}",
        time=datetime.now(UTC),
        actor=principal.actor,
        correlation_id=request.state.correlation_id,
        traceparent=request.state.traceparent,
        body=body_digest(body) if key else None,
    )


def _key_of(request: Request) -> str | None:
    values = request.headers.getlist(HEADER)
    if not values:
        return None
    if len(values) > 1 or _KEY.fullmatch(values[0]) is None:
        raise malformed("", f"{HEADER} must be one value of 1 to 255 visible ASCII characters")
    return values[0]
