"""A subscription that nobody waits for comes after those that somebody waits for, without ever standing still."""

import asyncio
from collections.abc import Callable
from typing import Final

LOOK_S: Final = 0.03
LOOKS: Final = 10
"""At most so many before each batch: under a load that never ends it goes on, only slower."""


async def give_way(others_busy: Callable[[], bool]) -> None:
    """Returns once the others have nothing in hand, or after `LOOKS`."""
    for _ in range(LOOKS):
        await asyncio.sleep(LOOK_S)
        if not others_busy():
            return
