"""What a client sends, kept as it goes over the wire but for what is secret and what differs from run to run."""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import httpx

_OF_THE_CONNECTION: Final = {"host", "accept-encoding", "connection", "content-length"}
_TOLD: Final = {"accept", "content-type", "pagination-type", "user-agent"}
"""Headers whose values say what is asked for; of all others only the names are kept."""


class Recording(httpx.AsyncBaseTransport):
    """`inner` carries out. `names`: what stands for a text of a run, such as a credential or the account's id."""

    def __init__(
        self, inner: httpx.AsyncBaseTransport, requests: list[dict[str, Any]], names: Mapping[str, str]
    ) -> None:
        self._inner, self._requests, self._names = inner, requests, names

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        content = (await request.aread()).decode()
        query = parse_qsl(request.url.query.decode(), keep_blank_values=True)
        headers = {name.decode(): value.decode() for name, value in request.headers.raw}
        self._requests.append(
            {
                "method": request.method,
                "path": self._named(request.url.path),
                "query": {name: self._named(value) for name, value in query},
                "headers": {
                    name: value if name.lower() in _TOLD else "…"
                    for name, value in sorted(headers.items())
                    if name.lower() not in _OF_THE_CONNECTION
                },
                "body": self._body(content),
            }
        )
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()

    def _body(self, content: str) -> Any:
        if not content:
            return None
        try:
            return self._value(json.loads(content))
        except ValueError:
            return {name: self._named(value) for name, value in parse_qsl(content, keep_blank_values=True)}

    def _value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._value(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self._value(each) for each in value]
        return self._names.get(str(value), value) if isinstance(value, str | int) else value

    def _named(self, text: str) -> str:
        for given, name in self._names.items():
            text = text.replace(given, name)
        return text
