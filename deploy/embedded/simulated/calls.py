"""What was asked of the API, so that a test can tell what a client did; credentials are never kept."""

import itertools
import json
from collections import deque
from datetime import UTC, datetime
from typing import Any, Final

_MOST: Final = 20_000
_LARGEST_BODY: Final = 20_000


class Calls:
    """The newest calls, in memory. `status` 0: the connection was cut without an answer."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._calls: deque[dict[str, Any]] = deque(maxlen=_MOST)

    def add(
        self, *, method: str, path: str, endpoint: str, named: list[str], body: bytes, **more: Any
    ) -> dict[str, Any]:
        """`named`: which headers with credentials were there; `more`: what this API has beside. The answer's place is
        filled in by who answers."""
        call = {
            "number": next(self._numbers),
            "at": datetime.now(UTC).isoformat(),
            "method": method,
            "path": path,
            "endpoint": endpoint,
            "credentials": named,
            "body": _readable(body),
            "status": None,
            **more,
        }
        self._calls.append(call)
        return call

    def listed(self, endpoint: str | None, method: str | None) -> list[dict[str, Any]]:
        return [
            call
            for call in self._calls
            if (endpoint is None or call["endpoint"].lower() == endpoint.lower())
            and (method is None or call["method"] == method.upper())
        ]

    def clear(self) -> None:
        self._calls.clear()


def _readable(body: bytes) -> Any:
    if not body or len(body) > _LARGEST_BODY:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")
