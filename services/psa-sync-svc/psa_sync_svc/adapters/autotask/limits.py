"""How much is asked of one tenant by this process, so that Autotask need not say so."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiolimiter import AsyncLimiter

from psa_sync_svc.adapters.autotask.settings import AutotaskSettings
from psa_sync_svc.workers.psa import RateLimited

_HOUR_S: Final = 3600.0
_SOON_S: Final = 10.0


class Limits:
    """A quarter of an hour's requests may be made at once, the rest evenly: so in no hour are there more."""

    def __init__(self, settings: AutotaskSettings) -> None:
        self._wait_s = settings.longest_wait_s
        self._rate = AsyncLimiter(settings.requests_per_hour / 4, _HOUR_S / 3)
        self._threads: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(settings.threads))

    @asynccontextmanager
    async def place(self, endpoint: str) -> AsyncIterator[None]:
        """Held for one request. Raises `RateLimited` where none is free in time."""
        threads = self._threads[endpoint]
        try:
            async with asyncio.timeout(self._wait_s):
                await self._rate.acquire()
        except TimeoutError as error:
            raise RateLimited("this tenant's requests are used up for now", _SOON_S) from error
        async with threads:
            yield
