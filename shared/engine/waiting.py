"""Waiting out a store or a broker that is away: jittered, growing pauses, until it is back or the caller gives up."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog

from shared.engine.errors import Abandoned, Unavailable

T = TypeVar("T")
LOOK_S: Final = 0.1
_log = structlog.get_logger(__name__)

Alive = Callable[[], bool]
"""Whether the work is still ours; where it says no, waiting ends with `Abandoned`."""


def pauses(first: float = 0.05, most: float = 2.0) -> "Pauses":
    return Pauses(first, most)


class Pauses:
    """Full-jitter back-off in seconds, growing from `first` to `most`."""

    def __init__(self, first: float, most: float) -> None:
        self._next, self._most = first, most

    async def sleep(self) -> None:
        await asyncio.sleep(random.uniform(self._next / 2, self._next))  # noqa: S311 - spreading load, not a secret
        self._next = min(self._next * 2, self._most)


async def as_long_as(alive: Alive, call: Awaitable[T]) -> T:
    """Await what waits by itself, and for ever if need be; given up with `Abandoned` once it is not ours any more."""
    waiting = asyncio.ensure_future(call)
    try:
        while not (await asyncio.wait({waiting}, timeout=LOOK_S))[0]:
            if not alive():
                raise Abandoned
        return waiting.result()
    finally:
        waiting.cancel()


async def patiently(call: Callable[[], Awaitable[T]], alive: Alive) -> T:
    """Repeat a call that does no harm when repeated until it answers."""
    wait = pauses()
    while True:
        if not alive():
            raise Abandoned
        try:
            return await call()
        except Unavailable as error:
            _log.warning("waiting", error=error)
            await wait.sleep()
