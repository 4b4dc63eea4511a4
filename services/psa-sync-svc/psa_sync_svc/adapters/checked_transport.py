"""Connects only to addresses that were looked at: a name is resolved once, checked, and then called by its number, so
that it cannot lead elsewhere between the check and the call."""

from collections.abc import Awaitable, Callable, Sequence

import httpx

from psa_sync_svc.adapters.base_url import Ip, check_address, host_of, literal
from psa_sync_svc.adapters.names import resolved

Resolve = Callable[[str, int], Awaitable[Sequence[Ip]]]


class CheckedTransport(httpx.AsyncBaseTransport):
    """`inner` carries out. Raises `Permanent` before anything is sent to an address that may not be called.

    TLS still asks for the certificate of the name. No proxy is used, since it would resolve the name by itself.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, *, allow_private: bool, resolve: Resolve | None = None) -> None:
        self._inner, self._allow_private = inner, allow_private
        self._resolve = resolve or resolved

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host, port = host_of(request.url), request.url.port or (443 if request.url.scheme == "https" else 80)
        given = literal(host)
        addresses = [given] if given is not None else await self._resolve(host, port)
        for address in addresses:
            check_address(address, request.url.scheme, allow_private=self._allow_private)
        for address in addresses[:-1]:
            try:
                return await self._inner.handle_async_request(_pinned(request, address, host))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._inner.handle_async_request(_pinned(request, addresses[-1], host))

    async def aclose(self) -> None:
        await self._inner.aclose()


def _pinned(request: httpx.Request, address: Ip, host: str) -> httpx.Request:
    """The `Host` header was set from the name and stays."""
    extensions = dict(request.extensions)
    if literal(host) is None:
        extensions["sni_hostname"] = host
    url = request.url.copy_with(host=str(address))
    return httpx.Request(request.method, url, headers=request.headers, stream=request.stream, extensions=extensions)
