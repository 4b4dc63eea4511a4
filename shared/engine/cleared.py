"""What this process saw confirmed and then cleared, remembered while work begun before may still hold it unsaid."""

from collections.abc import Iterable
from weakref import WeakSet


class Turn:
    """One piece of work from its first load to its last fact. It lasts as long as somebody holds it, so that none that
    is abandoned or cancelled has to be ended. `begun`: the how manieth it is."""

    __slots__ = ("__weakref__", "begun")

    def __init__(self, begun: int) -> None:
        self.begun = begun


class Cleared:
    """Ids of facts in the order of their clearing. A turn remembers what was cleared since it began, and no more."""

    def __init__(self) -> None:
        self._turns: WeakSet[Turn] = WeakSet()
        self._ids: dict[str, int] = {}
        self._begun = 0

    def begin(self) -> Turn:
        self._let_go()
        self._begun += 1
        turn = Turn(self._begun)
        self._turns.add(turn)
        return turn

    def add(self, ids: Iterable[str]) -> None:
        if self._turns:
            for id in ids:
                self._ids[id] = self._begun

    def since(self, turn: Turn, id: str) -> bool:
        """Whether it was cleared since then. What was given up before, and is found unsaid by whoever looked after it,
        has to be said again: nobody else clears it."""
        return self._ids.get(id, -1) >= turn.begun

    def __len__(self) -> int:
        return len(self._ids)

    def _let_go(self) -> None:
        """Forget what was cleared before the oldest turn began: it can hold none of that."""
        oldest = min((turn.begun for turn in self._turns), default=self._begun + 1)
        over = []
        for id, begun in self._ids.items():
            if begun >= oldest:
                break
            over.append(id)
        for id in over:
            del self._ids[id]
