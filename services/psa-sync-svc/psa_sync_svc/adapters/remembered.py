"""What is a tenant's own (countries, statuses, fields) is read whole, and kept for a while."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final, Generic, TypeVar

T = TypeVar("T")
_ASK_AGAIN_S: Final = 60.0
"""At most one question in this time for what is not in it."""


class Remembered(Generic[T]):
    def __init__(self, believed_s: float) -> None:
        self._believed_s = believed_s
        self._found: tuple[T, float] | None = None
        self._lock = asyncio.Lock()

    async def get(self, read: Callable[[], Awaitable[T]], *, lacks: Callable[[T], bool] | None = None) -> T:
        """`lacks`: is what is wanted not in it, so that it may be old?"""
        async with self._lock:
            if self._found is not None:
                found, read_at = self._found
                age = monotonic() - read_at
                unknown = age >= _ASK_AGAIN_S and lacks is not None and lacks(found)
                if age < self._believed_s and not unknown:
                    return found
            found = await read()
            self._found = found, monotonic()
            return found
