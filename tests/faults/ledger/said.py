"""A record of a topic as the ledger needs it, and which of them say something for the first time."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Said:
    """One record. `type` is the bare name; `subject` the aggregate; `cause` the id of the message that caused it."""

    topic: str
    partition: int
    offset: int
    key: str
    id: str
    type: str
    subject: str
    cause: str
    value: bytes

    @cached_property
    def body(self) -> dict[str, Any]:
        return dict(json.loads(self.value))

    @property
    def state(self) -> dict[str, Any]:
        """The whole invoice or customer that an event carries."""
        return dict(self.body.get("invoice") or self.body["customer"])

    @property
    def version(self) -> int:
        return int(self.state["version"])

    @property
    def content(self) -> tuple[str, str, str, str, str, bytes]:
        """All that has to be the same wherever the same id is said again."""
        return self.topic, self.key, self.type, self.subject, self.cause, self.value


def in_order(said: Iterable[Said]) -> list[Said]:
    return sorted(said, key=lambda one: (one.topic, one.partition, one.offset))


def first_occurrences(said: Iterable[Said]) -> Iterator[Said]:
    """Without what a relay said again."""
    seen: set[str] = set()
    for one in in_order(said):
        if one.id not in seen:
            seen.add(one.id)
            yield one


def newest(said: Iterable[Said]) -> dict[str, Said]:
    """For each aggregate the event with its highest version; of several of one version, the last."""
    found: dict[str, Said] = {}
    for one in first_occurrences(said):
        if one.subject not in found or one.version >= found[one.subject].version:
            found[one.subject] = one
    return found
