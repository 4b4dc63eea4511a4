"""A library that says the same many times a second is heard once in a while, with how many were left out."""

import logging
from time import monotonic
from typing import Final

ONCE_IN_S: Final = 10.0
_MOST: Final = 1000
"""Different lines that are remembered; beyond them all begin anew."""


class Repeats(logging.Filter):
    """Lets a warning of a library through once in a while, and tells how many like it were left out."""

    def __init__(self, once_in_s: float = ONCE_IN_S) -> None:
        super().__init__()
        self._once_in_s = once_in_s
        self._told: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno != logging.WARNING or record.exc_info is not None:
            return True
        key, now = (record.name, record.getMessage()), monotonic()
        at, left_out = self._told.get(key, (now - self._once_in_s, 0))
        if now - at < self._once_in_s:
            self._told[key] = (at, left_out + 1)
            return False
        if len(self._told) >= _MOST:
            self._told.clear()
        self._told[key] = (now, 0)
        if left_out:
            record.msg, record.args = f"{record.getMessage()} ({left_out} more like it)", ()
        return True
