"""Refusals that last: a refused message stays refused, and its answer is said once, whatever is repeated.

A refusal is a document of its own under the message's identity. It is never written into the document that the
message was about, which may be another tenant's.
"""

import time
from collections.abc import Sequence
from typing import Any, Final

from shared.engine.cleared import Turn
from shared.engine.decision import Problem, Refused
from shared.engine.keys import key_reused
from shared.engine.outbox import derived_id, entry
from shared.engine.ports import Doc, Documents, Write
from shared.engine.task import Saved, Task

REFUSALS: Final = "refusals"


class Refusals:
    """The refusals of one batch: those of before, and those that this batch adds."""

    def __init__(self, store: Documents) -> None:
        self._store = store
        self._known: dict[str, Doc] = {}
        self.fresh: dict[str, Doc] = {}

    def looked_for(self, tasks: Sequence[Task]) -> list[str]:
        """Ids of the refusals that these tasks may have had before."""
        return list(dict.fromkeys(task.meta.identity for task in tasks if _lasts(task)))

    def found(self, tasks: Sequence[Task], docs: Sequence[Doc]) -> None:
        """Mark the tasks whose message was refused before."""
        self._known.update((doc["_id"], doc) for doc in docs)
        for task in tasks:
            if (known := self._known.get(task.meta.identity)) is not None:
                _refuse_again(task, known)

    def add(self, task: Task, refused: Refused) -> None:
        identity = task.meta.identity
        task.refused = refused
        if not _lasts(task) or refused.problems[0].code == "IDEMPOTENCY_KEY_REUSED":
            return
        if identity not in self._known and identity not in self.fresh:
            self.fresh[identity] = _document(task, refused)

    def refuses(self, task: Task) -> bool:
        """Whether this batch has already refused a twin of the message."""
        known = self.fresh.get(task.meta.identity) if self.fresh else None
        if known is None or not _lasts(task):
            return False
        _refuse_again(task, known)
        return True

    async def save(self) -> None:
        """Insert what is new. Where another instance was first, its refusal is the one that counts."""
        if not self.fresh:
            return
        taken = await self._store.save(REFUSALS, [Write(doc, None) for doc in self.fresh.values()])
        self._known.update({id: doc for id, doc in self.fresh.items() if id not in taken})
        for doc in await self._store.get_many(REFUSALS, list(taken)):
            self._known[doc["_id"]] = doc
        self.fresh.clear()

    def to_say(self, turn: Turn) -> list[Saved]:
        unsaid = [doc for doc in self._known.values() if doc["unsaid"]]
        return [Saved(REFUSALS, doc["_id"], doc["rev"], tuple(doc["outbox"]), turn) for doc in unsaid]


def _lasts(task: Task) -> bool:
    """A refusal is kept where it is answered by a message, or where a client may repeat the request by its key."""
    return task.answer is not None or task.meta.body is not None


def _document(task: Task, refused: Refused) -> Doc:
    meta = task.meta
    outbox = [] if task.answer is None else [entry(task.answer(refused), meta, derived_id(meta.identity, REFUSALS))]
    problems: list[dict[str, Any]] = [
        {"pointer": p.pointer, "code": p.code, "detail": p.detail} for p in refused.problems
    ]
    return {
        "_id": meta.identity,
        "schema": 1,
        "partner_id": meta.partner_id,
        "rev": 1,
        "stamp": time.time_ns(),
        "problems": problems,
        "body": meta.body,
        "outbox": outbox,
        "unsaid": bool(outbox),
        "saved_at": int(time.time() * 1000),
    }


def _refuse_again(task: Task, known: Doc) -> None:
    task.repeated = True
    if task.meta.body is not None and known.get("body") not in (None, task.meta.body):
        task.refused = key_reused()
        return
    task.refused = Refused(*(Problem(p["pointer"], p["code"], p["detail"]) for p in known["problems"]))
