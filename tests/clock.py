"""A clock that goes on when it is told to, in the place of `datetime` in modules that ask for the time."""

from datetime import UTC, datetime, timedelta
from typing import Any


class Clock:
    """Time of the open work, of the marks and of the deadlines: it goes on when it is told to."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self, zone: Any = None) -> datetime:
        return datetime.now(zone) + self.ahead

    def fromisoformat(self, text: str) -> datetime:
        return datetime.fromisoformat(text)

    def fromtimestamp(self, seconds: float, zone: Any) -> datetime:
        return datetime.fromtimestamp(seconds, zone)

    def ms(self) -> int:
        return int(self.now(UTC).timestamp() * 1000)

    def pass_(self, **span: float) -> None:
        self.ahead += timedelta(**span)
