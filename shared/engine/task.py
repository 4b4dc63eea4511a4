"""The shapes that pass between a consumer, a batch and the relay."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.engine.change import Change, Meta, Outgoing
from shared.engine.cleared import Turn
from shared.engine.decision import Refused
from shared.engine.handled import digest
from shared.engine.outbox import Entry

Key = tuple[str, str]
"""A document: its collection and its id."""


@dataclass(slots=True)
class Task:
    """One message and the changes it asks for. `answer` turns a refusal into the message that answers it.

    A task that is refused from the start (bad data) brings its refusal along.
    """

    meta: Meta
    changes: Sequence[Change[Any, Any]]
    answer: Callable[[Refused], Outgoing] | None = None
    refused: Refused | None = None
    repeated: bool = False
    states: dict[Key, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Step:
    """One change of a task; `depth` counts the follow-ups before it, so that each has an identity of its own.

    `waiting`: its change's `first` is on its way; `opens` is the step that waits for this one.
    """

    task: Task
    change: Change[Any, Any]
    depth: int = 0
    opens: "Step | None" = None
    asked: bool = False
    waiting: bool = False

    @property
    def identity(self) -> bytes:
        suffix = f"#{self.depth}" if self.depth else ""
        return digest(self.task.meta.identity + suffix)


@dataclass(frozen=True, slots=True)
class Saved:
    """A document as it stood in the store, with what it had yet to say. `turn` was begun before it was loaded."""

    collection: str
    id: str
    rev: int
    outbox: Sequence[Entry]
    turn: Turn
