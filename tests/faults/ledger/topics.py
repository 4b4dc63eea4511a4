"""What a topic of events promises: an id stands for one content, first occurrences come in order of versions."""

from collections.abc import Iterator, Sequence

from tests.faults.ledger.finding import Finding
from tests.faults.ledger.said import Said, first_occurrences, in_order


def check_ids(said: Sequence[Said]) -> Iterator[Finding]:
    first: dict[str, Said] = {}
    for one in in_order(said):
        known = first.setdefault(one.id, one)
        if known.content != one.content:
            where = f"{known.topic}[{known.partition}]@{known.offset} and [{one.partition}]@{one.offset}"
            yield Finding("one id, one content", one.id, f"two contents, at {where}")


def check_versions_go_up(events: Sequence[Said]) -> Iterator[Finding]:
    highest: dict[str, int] = {}
    for one in first_occurrences(events):
        before = highest.get(one.subject, 0)
        if one.version < before:
            detail = f"{one.type} of version {one.version} is new after version {before} was said"
            yield Finding("first occurrences in order of versions", one.subject, detail)
        highest[one.subject] = max(before, one.version)


def repeats(said: Sequence[Said]) -> int:
    """How often something was said that had been said before: allowed, and told."""
    return len(said) - len({one.id for one in said})
