"""Goes through the documents that ask for work, so that none waits for ever for an entry of `open_work` that was lost:
by a restore from a backup, by somebody's hand. What lists look for in a document is renewed on the way."""

from collections.abc import Iterator, Sequence
from time import monotonic
from typing import Any, Final

import structlog

from shared.engine.change import Due, Kind
from shared.engine.document import state_of
from shared.engine.errors import Unavailable
from shared.engine.jobs import Jobs
from shared.engine.leases import Leases
from shared.engine.looked_for import renew
from shared.engine.ports import Doc, Documents

EVERY_S: Final = 1.0
PAGE: Final = 200
LEASE_S: Final = 10.0
"""Short, so that the process after one that was killed need not wait long to begin."""
ROUND_S: Final = 6 * 3600.0
"""From one round to the next. Each process goes round once at its start."""

_log = structlog.get_logger(__name__)


class OpenWorkSweep:
    """A page of one kind's documents a step. Where it stands is remembered only here: the next process begins anew."""

    def __init__(self, store: Documents, jobs: Jobs, leases: Leases, kinds: Sequence[Kind[Any, Any]]) -> None:
        self._store, self._jobs, self._leases = store, jobs, leases
        self._kinds = [kind for kind in kinds if kind.work is not None or kind.index is not None]
        self._kind, self._after = 0, ""
        self._rests_until = 0.0 if self._kinds else float("inf")

    @property
    def resting(self) -> bool:
        """Whether there is nothing to do for now: it has been round, or another process is on its way."""
        return monotonic() < self._rests_until

    async def step(self) -> int:
        """Look at the next page; answers how many entries were missing."""
        if self.resting:
            return 0
        if not await self._leases.hold("open-work", ttl_s=LEASE_S):
            self._rests_until = monotonic() + LEASE_S
            return 0
        kind = self._kinds[self._kind]
        docs = await self._store.find(kind.collection, {"_id": {"$gt": self._after}}, sort=[("_id", 1)], limit=PAGE)
        try:
            missing = await self._restore(kind, docs)
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 - one page that cannot be written keeps no other waiting
            _log.exception("a page of documents is left out", collection=kind.collection, after=self._after)
            missing = 0
        self._go_on(docs)
        return missing

    async def _restore(self, kind: Kind[Any, Any], docs: Sequence[Doc]) -> int:
        missing = await self._jobs.restore([(doc, due) for doc in docs for due in _asked(kind, doc)])
        if missing:
            _log.warning("open work was missing and is there again", collection=kind.collection, entries=missing)
        if renewed := await renew(self._store, kind, docs):
            _log.info("what is looked for was renewed", collection=kind.collection, documents=renewed)
        return missing

    def _go_on(self, docs: Sequence[Doc]) -> None:
        if len(docs) == PAGE:
            self._after = docs[-1]["_id"]
            return
        self._kind, self._after = (self._kind + 1) % len(self._kinds), ""
        if self._kind == 0:
            self._rests_until = monotonic() + ROUND_S


def _asked(kind: Kind[Any, Any], doc: Doc) -> Iterator[Due]:
    try:
        yield from kind.work(state_of(kind, doc)) if kind.work is not None else ()
    except Exception:  # noqa: BLE001 - one document that cannot be read keeps no other waiting
        _log.exception("what a document asks for cannot be told", collection=kind.collection, id=doc["_id"])
