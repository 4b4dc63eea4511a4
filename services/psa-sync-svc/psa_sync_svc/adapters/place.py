"""Where a tenant lives: found by asking, and kept until it turns out to be wrong."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import structlog

from psa_sync_svc.adapters.base_url import host_of

_log = structlog.get_logger(__name__)


class Place:
    """The address of one integration's tenant."""

    def __init__(self) -> None:
        self._url: str | None = None
        self._lock = asyncio.Lock()

    async def get(self, find: Callable[[], Awaitable[str]]) -> str:
        async with self._lock:
            if self._url is None:
                self._url = await find()
            return self._url

    async def renewed(self, old: str, find: Callable[[], Awaitable[str]]) -> str:
        """Asks again, unless another call has done so since `old` was answered."""
        async with self._lock:
            if self._url == old:
                self._url = await find()
                if self._url != old:
                    _log.info("the tenant has moved", place=host_of(httpx.URL(self._url)))
            return self._url or old
