"""Cuts a connection without an answer, which no ASGI application can do by itself."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol


class Connections:
    """The open connections by their client's address and port."""

    def __init__(self) -> None:
        self._open: dict[Any, asyncio.Transport] = {}

    def protocol(self) -> type[H11Protocol]:
        """uvicorn's own, for `Config(http=…)`, that also tells us of its connections."""
        known = self._open

        class Known(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its parent
                super().connection_made(transport)
                known[self.client] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                known.pop(self.client, None)
                super().connection_lost(exc)

        return Known

    def cut(self, client: Any) -> None:
        transport = self._open.get(tuple(client) if client else None)
        if transport is not None:
            transport.abort()
