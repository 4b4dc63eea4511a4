"""A long list needs more requests than a tenant has in five minutes, and could never be read if it began again whenever
they are used up: so it waits, and says now and then that it is still there, as each answer has its time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, TypeVar

from psa_sync_svc.adapters.halopsa.errors import LimitReached
from psa_sync_svc.workers.psa import RateLimited

T = TypeVar("T")
_NAP_S: Final = 10.0
_LONGEST_S: Final = 900.0
"""Three times as long as what is used up now can count."""


async def patiently(call: Callable[[], Awaitable[T]]) -> AsyncIterator[tuple[T, ...]]:
    """The answer in the end, alone; nothing for every pause before it. Raises `RateLimited` after very long, and at
    once where the PSA names a time of its own."""
    waited_s = 0.0
    while True:
        try:
            found = await call()
        except RateLimited as limited:
            if waited_s >= _LONGEST_S or (isinstance(limited, LimitReached) and limited.named):
                raise
            nap_s = max(0.1, min(limited.retry_after_s, _NAP_S))
            await asyncio.sleep(nap_s)
            waited_s += nap_s
            yield ()
        else:
            yield (found,)
            return
