"""The topics say what the store holds: the same versions, nothing left unsaid, no work left open, no other answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.faults.ledger.finding import Finding
from tests.faults.ledger.said import Said, newest


@dataclass
class Store:
    """`versions` by aggregate; `links`: the version and the account that psa-sync-svc knows of a customer; `unsaid`:
    documents whose outbox is not empty; `open_work`: `job/id` of what is due."""

    versions: dict[str, int] = field(default_factory=dict)
    links: dict[str, tuple[int, Any]] = field(default_factory=dict)
    unsaid: list[str] = field(default_factory=list)
    open_work: list[str] = field(default_factory=list)


def check_store(store: Store, events: Sequence[Said], shown: Mapping[str, dict[str, Any]]) -> Iterator[Finding]:
    """`shown`: every aggregate as it is read over HTTP in the end."""
    told = newest(events)
    for id in sorted(store.versions.keys() | told.keys()):
        said, stored = told[id].version if id in told else None, store.versions.get(id)
        if said != stored:
            yield Finding("the topic's highest version is the store's", id, f"said {said}, stored {stored}")
        elif shown.get(id) != told[id].state:
            yield Finding("what is read is what was said last", id, f"at version {said}: {_differing(shown, told, id)}")
    for id in store.unsaid:
        yield Finding("the outboxes are empty", id, "it has something to say")
    for work in store.open_work:
        yield Finding("no work is left open", work, "it is still due")


def _differing(shown: Mapping[str, dict[str, Any]], told: Mapping[str, Said], id: str) -> str:
    if id not in shown:
        return "it is not shown at all"
    names = [name for name, value in told[id].state.items() if shown[id].get(name) != value]
    return f"other {', '.join(names) or 'fields'}"
