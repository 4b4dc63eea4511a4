"""A subscription that nobody waits for comes after those that somebody waits for, without ever standing still."""

import asyncio
from collections.abc import Callable
from time import monotonic, time
from typing import Final

LOOK_S: Final = 0.03
IDLE_LOOKS: Final = 3
"""In a row: between two commands that come one at a time there is always a moment in which nothing is in hand, and what
began in it would be in the way of the next."""
BEHIND_S: Final = 5.0
"""As far as it may fall behind for the others' sake: a burst is over by then, mostly."""
LEAST_S: Final = 0.3
"""Before each batch even so: under a load that never ends it goes on, only slower."""


async def give_way(others_busy: Callable[[], bool], said: float) -> None:
    """Returns once the others have had nothing in hand for a while, or when it would fall further behind than it may.

    `said`: when the oldest record of the batch was said, in seconds since the epoch. By a clock that is wrong it waits
    at most `BEHIND_S` and at least `LEAST_S`, where the others are busy all the time.
    """
    until = monotonic() + min(max(said + BEHIND_S - time(), LEAST_S), BEHIND_S)
    idle = 0
    while idle < IDLE_LOOKS and monotonic() < until:
        await asyncio.sleep(LOOK_S)
        idle = 0 if others_busy() else idle + 1
