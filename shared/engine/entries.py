"""The documents behind open work, and when an entry may be taken away: it is written before its document is saved."""

from datetime import UTC, datetime, timedelta
from typing import Any, Generic, NamedTuple, TypeVar

from shared.engine.change import Kind
from shared.engine.document import state_of
from shared.engine.engine import Engine
from shared.engine.work import Work

S = TypeVar("S")
_NOT_SAVED_FIRST, _NOT_SAVED_MOST = timedelta(milliseconds=100), timedelta(minutes=5)


class Found(NamedTuple, Generic[S]):
    """A state, and the rev of the document that it is in (0: there is none)."""

    state: S | None
    rev: int


class Entries:
    """Finds the state that a piece of work is about."""

    def __init__(self, engine: Engine) -> None:
        self._store, self._jobs = engine.store, engine.jobs

    async def find(self, kind: Kind[S, Any], work: Work) -> Found[S]:
        """As saved now, whatever it was when the work was asked for."""
        doc = await self._store.get(kind.collection, work.id)
        return Found(state_of(kind, doc), int(doc["rev"])) if doc else Found(None, 0)

    async def not_needed(self, work: Work, rev: int) -> None:
        """The document asks for nothing: done, unless the save that asks is still under way, then look again."""
        if rev >= work.rev:
            await self._jobs.done(work)
        else:
            await self._jobs.postpone(work, later(doubling(work.attempts, _NOT_SAVED_FIRST, _NOT_SAVED_MOST)))

    async def again(self, work: Work, pause: timedelta) -> None:
        """To whoever comes first, not before that pause unless it is asked for meanwhile."""
        await self._jobs.postpone(work, later(pause))


def later(pause: timedelta) -> datetime:
    return datetime.now(UTC) + pause


def doubling(attempts: int, first: timedelta, most: timedelta) -> timedelta:
    """The pause after so many attempts."""
    return min(first * int(2 ** min(attempts - 1, 20)), most)
