"""What is known to be slow among the things that work depends on. It is forgotten once its work is prompt again."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final

REMEMBERED_S: Final = 600.0
"""So long nothing is known to be slow of which no work was done."""


class Slow:
    """By what work is about. `after_s`: what lasts longer is slow; None: work is not told apart."""

    def __init__(self, after_s: float | None) -> None:
        self._after_s = after_s
        self._began: dict[str, list[float]] = {}
        self._known: dict[str, float] = {}

    @property
    def known(self) -> set[str]:
        return set(self._known)

    @contextmanager
    def timing(self, about: str) -> Iterator[None]:
        if self._after_s is None or not about:
            yield
            return
        began = monotonic()
        self._began.setdefault(about, []).append(began)
        try:
            yield
        finally:
            self._began[about].remove(began)
            if not self._began[about]:
                del self._began[about]
            if monotonic() - began >= self._after_s:
                self._known[about] = monotonic()
            elif about not in self._began:
                self._known.pop(about, None)

    def look(self) -> None:
        """What lasts longer than it may is slow from now on; what was not seen for a while is forgotten."""
        now = monotonic()
        for about, moments in self._began.items():
            if self._after_s is not None and now - min(moments) >= self._after_s:
                self._known[about] = now
        self._known = {about: at for about, at in self._known.items() if now - at < REMEMBERED_S}
