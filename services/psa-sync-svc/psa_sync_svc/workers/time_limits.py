"""Time limits that tell a PSA without an answer from what we have to wait for ourselves: a turn that a killed instance
held, another call's token, a limit of requests."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic
from typing import Final

from psa_sync_svc.workers.psa import NotAsked

_LONG: Final = 0.25
"""Of a call's time: a request that was cut off sooner says nothing, as it came to its turn too late."""


@dataclass(slots=True)
class Call:
    """`heard`: whether the PSA answered any request of it; `owed`: whether the last that is known is that one got no
    answer; `cut_off_s`: how long one had been under way when the call was cut off."""

    heard: bool = False
    owed: bool = False
    cut_off_s: float = 0.0


_call: Final[ContextVar[Call | None]] = ContextVar("_call", default=None)


@asynccontextmanager
async def within(limit_s: float) -> AsyncIterator[Call]:
    """Raises `TimeoutError` where the time is over and the PSA owes the call an answer, and `NotAsked` where it does
    not: then it is we who were waited for."""
    call = _call.get() or Call()
    token = _call.set(call)
    try:
        async with asyncio.timeout(limit_s):
            yield call
    except TimeoutError as error:
        if call.owed or call.cut_off_s >= limit_s * _LONG:
            raise
        raise NotAsked("its time was over while it waited for its turn to ask this PSA") from error
    finally:
        _call.reset(token)


@contextmanager
def asking() -> Iterator[None]:
    """Around a request and its answer: where it ends without one, the PSA owes it."""
    call, began = _call.get() or Call(), monotonic()
    try:
        yield
    except asyncio.CancelledError:
        call.cut_off_s = max(call.cut_off_s, monotonic() - began)
        raise
    except Exception:
        call.owed = True
        raise
    call.heard, call.owed = True, False


def unanswered() -> None:
    """What came was no answer of the PSA itself: a gateway's, say."""
    if (call := _call.get()) is not None:
        call.heard, call.owed = False, True
