"""Time limits that tell a PSA without an answer from what we have to wait for ourselves: a turn that a killed instance
held, another call's token, a limit of requests."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from psa_sync_svc.workers.psa import NotAsked


@dataclass(slots=True)
class _Call:
    """`owed`: the last that was heard of its requests is that one has no answer."""

    owed: bool = False


_call: Final[ContextVar[_Call | None]] = ContextVar("_call", default=None)


@asynccontextmanager
async def within(limit_s: float) -> AsyncIterator[None]:
    """Raises `TimeoutError` where the time is over and the PSA owes the call an answer, and `NotAsked` where it does
    not: then it is we who were waited for."""
    call = _call.get() or _Call()
    token = _call.set(call)
    try:
        async with asyncio.timeout(limit_s):
            yield
    except TimeoutError as error:
        if call.owed:
            raise
        raise NotAsked("its time was over while other requests of ours to this PSA were waited for") from error
    finally:
        _call.reset(token)


@contextmanager
def asking() -> Iterator[None]:
    """Around a request and its answer: whatever ends it without one, the end of its time too, the PSA owes it."""
    call = _call.get() or _Call()
    try:
        yield
    except BaseException:
        call.owed = True
        raise
    call.owed = False
