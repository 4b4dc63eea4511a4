"""How much the tenant may ask: so many requests in five minutes, whichever client makes them, and rows on a page."""

import time
from collections import deque
from collections.abc import Callable
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from embedded.halopsa.answers import limited

_WINDOW_S: Final = 300.0
_TEXT: Final = "Rate Limit Reached - {} Requests per rolling 5 minute window"


class LimitSettings(BaseModel):
    """`rows`: the most on a page, however many are asked for. The vendor's own number is not known."""

    model_config = ConfigDict(extra="forbid")

    requests: int = Field(default=300, ge=1)
    rows: int = Field(default=100, ge=1)


class Limit:
    """Counted in memory: a restarted simulator has a new window. What is refused does not count."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.settings = LimitSettings()
        self._now = now
        self._moments: deque[float] = deque()

    def take(self) -> None:
        """One more request. Raises `ApiRefusal` above the limit."""
        if self.used() >= self.settings.requests:
            raise limited(_TEXT.format(self.settings.requests))
        self._moments.append(self._now())

    def used(self) -> int:
        while self._moments and self._moments[0] <= self._now() - _WINDOW_S:
            self._moments.popleft()
        return len(self._moments)
