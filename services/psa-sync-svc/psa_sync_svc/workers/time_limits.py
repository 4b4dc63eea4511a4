"""Time limits that tell a PSA without an answer from a turn that others of ours did not leave in time: what a killed
instance held is its own until that is over."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from psa_sync_svc.workers.psa import NotAsked


@dataclass(slots=True)
class _Call:
    cut_off_in_line: bool = False


_call: Final[ContextVar[_Call | None]] = ContextVar("_call", default=None)


@asynccontextmanager
async def within(limit_s: float) -> AsyncIterator[None]:
    """Raises `NotAsked` where the time is over while the call stands `in_line`, and `TimeoutError` where it is not."""
    call = _call.get() or _Call()
    token = _call.set(call)
    try:
        async with asyncio.timeout(limit_s):
            yield
    except TimeoutError as error:
        if call.cut_off_in_line:
            raise NotAsked("too many requests of ours wait for this PSA") from error
        raise
    finally:
        _call.reset(token)


@contextmanager
def in_line() -> Iterator[None]:
    """Around the wait for what is to be had before the PSA is asked."""
    try:
        yield
    except asyncio.CancelledError:
        if (call := _call.get()) is not None:
            call.cut_off_in_line = True
        raise
