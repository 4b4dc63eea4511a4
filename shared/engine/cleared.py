"""What this process saw confirmed and then cleared, remembered while work begun before may still hold it unsaid."""

from collections.abc import Iterable
from weakref import WeakKeyDictionary


class Turn:
    """One piece of work from its first load to its last fact. It lasts as long as somebody holds it, so that none that
    is abandoned or cancelled has to be ended."""

    __slots__ = ("__weakref__",)


class Cleared:
    """Ids of facts in the order of their clearing. A turn remembers what was cleared since it began, and no more."""

    def __init__(self) -> None:
        self._turns: WeakKeyDictionary[Turn, int] = WeakKeyDictionary()
        self._ids: dict[str, int] = {}
        self._begun = 0

    def begin(self) -> Turn:
        self._let_go()
        self._begun += 1
        turn = Turn()
        self._turns[turn] = self._begun
        return turn

    def add(self, ids: Iterable[str]) -> None:
        if self._turns:
            for id in ids:
                self._ids[id] = self._begun

    def __contains__(self, id: str) -> bool:
        return id in self._ids

    def __len__(self) -> int:
        return len(self._ids)

    def _let_go(self) -> None:
        """Forget what was cleared before the oldest turn began: it can hold none of that."""
        oldest = min(self._turns.values(), default=self._begun + 1)
        over = []
        for id, begun in self._ids.items():
            if begun >= oldest:
                break
            over.append(id)
        for id in over:
            del self._ids[id]
