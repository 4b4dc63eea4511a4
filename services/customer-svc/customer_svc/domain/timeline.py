"""A customer's timeline: who changed what, when, and where it came from."""

from dataclasses import dataclass
from typing import Any

from shared.engine.decision import Decision


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field as it became; `before` only where the event tells it. Values are as the contract has them in JSON."""

    field: str
    after: Any
    before: Any = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One event. `source` says where it came from: a person in the portal, a PSA, another system's command."""

    entry_id: str
    customer_id: str
    customer_version: int
    event: str
    at: str
    actor: str
    correlation_id: str
    source: str | None = None
    reason: str | None = None
    changes: tuple[FieldChange, ...] = ()


def enter(known: Entry | None, entry: Entry) -> Decision[Entry, object]:
    """What is in the timeline stays as it is: a repeat of an event changes nothing."""
    return Decision(entry if known is None else known)
