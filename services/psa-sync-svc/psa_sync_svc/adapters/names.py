"""Names are looked up each in a thread of its own: the system may take half a minute over one, and must hold up neither
another partner's call, as it would in the few threads that asyncio shares, nor the end of the process."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

import httpx

from psa_sync_svc.adapters.base_url import Ip


async def resolved(host: str, port: int) -> Sequence[Ip]:
    """The addresses of a name, IPv4 first since IPv6 is often there without a way out."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[Any]] = loop.create_future()

    def settle(found: list[Any] | Exception) -> None:
        if answer.done():  # nobody waits any more
            return
        if isinstance(found, Exception):
            answer.set_exception(found)
        else:
            answer.set_result(found)

    def look() -> None:
        found = _looked_up(host, port)
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, found)

    threading.Thread(target=look, name="name look-up", daemon=True).start()
    addresses = [ip_address(place[0]) for *_, place in await answer]
    if not addresses:
        raise httpx.ConnectError("the name has no address")
    return sorted(dict.fromkeys(addresses), key=lambda address: address.version)


def _looked_up(host: str, port: int) -> list[Any] | Exception:
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return httpx.ConnectError("the name cannot be resolved")
