"""A document in memory while a batch is folded into it: its state, what it has handled, and its outbox."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final, TypeVar

import structlog
from pydantic import ValidationError

from shared.engine.change import Cause, Due, Kind, Meta
from shared.engine.handled import Handled
from shared.engine.outbox import Entry, derived_id, entry
from shared.engine.ports import Doc

SCHEMA: Final = 1
S = TypeVar("S")
F = TypeVar("F")
_log = structlog.get_logger(__name__)


def state_of(kind: Kind[S, Any], doc: Doc) -> S:
    """The state of a stored document; fields that this version does not know are left out."""
    return kind.adapter.validate_python(doc["state"])


def states_in(kind: Kind[S, Any], docs: Iterable[Doc]) -> Iterator[tuple[Doc, S]]:
    """For a sweep, which goes on past a document that it cannot read: that one is told of and left to a person."""
    for doc in docs:
        try:
            state = state_of(kind, doc)
        except ValidationError as error:
            _log.error("a document cannot be read", collection=kind.collection, id=doc["_id"], error=error)
        else:
            yield doc, state


class Draft:
    """One document being folded. `dirty`: something must be saved; `rev` is the guard (None: not there yet).

    `outbox` holds what is not known to be said, `weight` is its bytes, `dropped` is what the next save leaves out.
    A document whose facts are all said keeps the newest entry, marked as said (`unsaid: false`), so that a relay which
    published late can say the newest once more.
    """

    __slots__ = (
        *("asked", "before", "cause", "dirty", "doc", "dropped", "handled", "id", "key", "kind"),
        *("outbox", "partner_id", "rev", "state", "version", "weight"),
    )

    def __init__(self, kind: Kind[Any, Any], id: str, doc: Doc | None) -> None:
        self.kind, self.id, self.doc = kind, id, doc
        self.key = (kind.collection, id)
        self.dirty = False
        self.cause: Cause | None = None
        self.rev: int | None = doc["rev"] if doc else None
        self.version: int = doc["version"] if doc else 0
        self.partner_id: str | None = doc["partner_id"] if doc else None
        self.state: Any = state_of(kind, doc) if doc else None
        self.before: Any = self.state
        self.handled = Handled.of(doc["handled"] if doc else None)
        self.outbox: list[Entry] = list(doc["outbox"]) if doc and doc["unsaid"] else []
        self.weight = sum(len(entry["value"]) for entry in self.outbox)
        self.dropped: set[str] = set()
        self.asked: tuple[list[Due], list[Due]] = ([], [])

    def take(self, state: Any, facts: Iterable[Any], meta: Meta, step: str) -> None:
        """Make a decision the document's own: stamp what changed, render what happened."""
        self.dirty = True
        self.cause = meta.cause
        self.partner_id = self.partner_id or meta.partner_id
        if state is not self.state and state != self.state:
            self.version += 1
            if self.kind.stamped:
                created = self.state.created_at if self.state is not None else meta.stamp
                state = replace(state, version=self.version, created_at=created, updated_at=meta.stamp)
            self.state = state
        if self.kind.tell is not None:
            for number, fact in enumerate(facts):
                id = derived_id(meta.identity, self.kind.collection, self.id, step, str(number))
                self.outbox.append(entry(self.kind.tell(fact, self.state), meta, id))
                self.weight += len(self.outbox[-1]["value"])

    def saved(self, doc: Doc) -> None:
        """The save went through: go on from there."""
        self.doc, self.rev, self.before, self.dirty = doc, doc["rev"], self.state, False
        self.dropped = set()

    def drop(self, said: frozenset[str] | set[str]) -> None:
        """Leave out of the next save what the broker has confirmed."""
        if said and self.outbox:
            self.dropped.update(entry["id"] for entry in self.outbox if entry["id"] in said)
            self.outbox = [entry for entry in self.outbox if entry["id"] not in said]
            self.weight = sum(len(entry["value"]) for entry in self.outbox)

    def work(self) -> tuple[list[Due], list[Due]]:
        """The work that the state asks for: what it asks for anew, and what it no longer does; kept as `asked`."""
        if self.kind.work is None:
            return self.asked
        needed = list(self.kind.work(self.state)) if self.state is not None else []
        had = list(self.kind.work(self.before)) if self.before is not None else []
        jobs = {due.job for due in needed}
        self.asked = [due for due in needed if due not in had], [due for due in had if due.job not in jobs]
        return self.asked

    def to_save(self, stamp: int, now_ms: int) -> Doc:
        """The document as it is to be stored: unknown fields of the document and of its state are written back."""
        state = self.kind.adapter.dump_python(self.state, mode="json")
        found: Doc = {
            **(self.doc or {"_id": self.id, "schema": SCHEMA}),
            "partner_id": self.partner_id,
            "rev": (self.rev or 0) + 1,
            "stamp": stamp,
            "version": self.version,
            "state": self._kept(state) if self.doc else state,
            "handled": self.handled.raw(),
            "outbox": self.outbox or (self.doc["outbox"][-1:] if self.doc else []),
            "unsaid": bool(self.outbox),
            "saved_at": now_ms,
        }
        if self.kind.index is not None:
            found["q"] = dict(self.kind.index(self.state))
        return found

    def _kept(self, state: dict[str, Any]) -> dict[str, Any]:
        """Beside what we know, what a newer version wrote: unknown fields, and nested values that we did not change."""
        stored: dict[str, Any] = self.doc["state"] if self.doc else {}
        known = state if self.state is self.before else self.kind.adapter.dump_python(self.before, mode="json")
        if known == stored:
            return state
        kept = {k: v for k, v in stored.items() if k not in known or (k in state and state[k] == known[k])}
        return {**state, **kept}
