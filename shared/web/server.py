"""The HTTP server inside our own event loop: it listens first, leaves the signals to us and stops when it is told."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.types import ASGIApp

GRACE_S: Final = 3
"""How long requests on their way may take once the server stops."""


_WAITING_MAX: Final = 2048
"""How many connections the system keeps until they are accepted; it may set a lower limit of its own."""


class CannotListen(Exception):  # noqa: N818 - told to a person, not handled
    """The address cannot be had; the text says which and why."""


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are handled by the process, which has more to stop than this server."""
        yield


class HttpServer:
    """The port listens once it is made, before anything else starts: whoever knows its `url` can connect, and is
    answered as soon as the server runs."""

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        self._socket = _listening(host, port)
        self.host, self.port = host, int(self._socket.getsockname()[1])
        self._server = _Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                lifespan="off",
                loop="asyncio",
                ws="none",
                backlog=_WAITING_MAX,
                timeout_keep_alive=30,
                timeout_graceful_shutdown=GRACE_S,
            )
        )
        self._serving: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def start(self) -> asyncio.Task[None]:
        """The task ends only when the server does."""
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._socket]), name="http")
        return self._serving

    async def stop(self) -> None:
        """Take no new requests and let those on their way finish."""
        self._server.should_exit = True
        if self._serving is not None:
            await asyncio.wait({self._serving}, timeout=GRACE_S + 1)
        self._socket.close()


def _listening(host: str, port: int) -> socket.socket:
    """Whether a port is free is known only now: two sockets can be bound to one address until one of them listens.
    Of TCP by name: only then asyncio has what is written sent at once, and not once a client has confirmed the part
    before, for which it takes 40 ms."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(_WAITING_MAX)
    except OSError as error:
        bound.close()
        raise CannotListen(
            f"cannot listen on {host}:{port} ({error.strerror or error}); set REBILLING_HTTP__HOST and "
            f"REBILLING_HTTP__PORT to an address that is free"
        ) from None
    return bound
