"""Time limits that tell a PSA without an answer from what others of ours did not leave in time: a turn that a killed
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
    """`unanswered`: the PSA owes it an answer, or has done what it was asked for in part."""

    cut_off_in_line: bool = False
    unanswered: bool = False


_call: Final[ContextVar[_Call | None]] = ContextVar("_call", default=None)


@asynccontextmanager
async def within(limit_s: float) -> AsyncIterator[None]:
    """Raises `NotAsked` where the time is over while the call stands `in_line` and nothing that it asked is unanswered,
    and otherwise `TimeoutError`."""
    call = _call.get() or _Call()
    token = _call.set(call)
    try:
        async with asyncio.timeout(limit_s):
            yield
    except TimeoutError as error:
        if call.cut_off_in_line and not call.unanswered:
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


@asynccontextmanager
async def after_others(turn: asyncio.Lock) -> AsyncIterator[None]:
    """Holds it. Whoever has it is asking the PSA, or stands in line: that one's call says which."""
    with in_line():
        await turn.acquire()
    try:
        yield
    finally:
        turn.release()


@contextmanager
def asking(*, for_a_change: bool = False) -> Iterator[None]:
    """Around a request that is on its way. A change that was made is owed the rest of its call."""
    call = _call.get() or _Call()
    call.unanswered = call.unanswered or for_a_change
    try:
        yield
    except BaseException:
        call.unanswered = True
        raise
