"""What a storm of edits must leave alone: whatever nobody edited, and how many records there are."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.component.both_sides import Linked
from tests.providers import FIELDS, Provider

Rows = Mapping[str, Mapping[str, Any]]
_STAMPS: Final = frozenset({"version", "updated_at"})
"""Of a customer, what differs where one of its fields was edited."""


@dataclass(frozen=True)
class Picture:
    """Customers here and companies there, whole, each by its id."""

    here: Rows
    there: Rows


def harm(
    provider: Provider,
    linked: Collection[Linked],
    edited: Collection[tuple[str, str]],
    before: Picture,
    after: Picture,
) -> Iterator[str]:
    """Everything that changed and that nobody edited, for a person. `edited`: (customer, field), on either side."""
    yield from _come_and_gone("customer", before.here, after.here)
    yield from _come_and_gone("account", before.there, after.there)
    known = {each.account_id: each.customer_id for each in linked}
    for id in before.here.keys() & after.here.keys() & {*known.values()}:
        touched = {field for field in FIELDS if (id, field) in edited}
        moving = touched | (_STAMPS if touched else set()) | ({"integration"} if "reference" in touched else set())
        yield from _changed(f"customer {id}", moving, before.here[id], after.here[id])
    for id in before.there.keys() & after.there.keys():
        touched = {field for field in FIELDS if (known.get(id), field) in edited}
        keys = {key for field in touched for key in provider.keys(field)} | (provider.stamps if touched else set())
        yield from _changed(f"{provider.name} {id}", keys, before.there[id], after.there[id])


def _come_and_gone(what: str, before: Rows, after: Rows) -> Iterator[str]:
    yield from (f"{what} {id} is new" for id in after.keys() - before.keys())
    yield from (f"{what} {id} is gone" for id in before.keys() - after.keys())


def _changed(whose: str, moving: Collection[str], before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()):
        if name not in moving and after.get(name) != before.get(name):
            yield f"{whose} {name}: {before.get(name)!r} became {after.get(name)!r}"
