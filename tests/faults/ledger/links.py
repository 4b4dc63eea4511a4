"""psa-sync-svc knows the links of all customers as customer-svc said them last, and both sides of each are alike."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.faults.ledger.customers import seen_in
from tests.faults.ledger.finding import Finding
from tests.faults.ledger.said import Said, newest

_FIELD = "company_name"
"""The one that is changed here all the time, and now and then in the PSA."""


def check_links(links: Mapping[str, tuple[int, Any]], customers: Sequence[Said]) -> Iterator[Finding]:
    """`links`: the customer's version and its account, by customer; a customer that never had one has none here."""
    told = newest(customers)
    for id in sorted(links.keys() | {id for id, one in told.items() if seen_in(one)["integration"]}):
        said = (told[id].version, seen_in(told[id])["integration"]) if id in told else None
        if said != links.get(id):
            yield Finding("a link is known as it was said last", id, f"said {said}, known as {links.get(id)}")


def check_alike(
    names: Mapping[tuple[str, str], str], customers: Sequence[Said], psa: Sequence[Said]
) -> Iterator[Finding]:
    """`names`: each account's in its PSA. A field that is in conflict waits for a person."""
    waiting = {one.body["conflict_id"]: one.body for one in psa if one.type == "ConflictFound"}
    for one in psa:
        if one.type == "ConflictResolved":
            waiting.pop(one.body["conflict_id"], None)
    in_conflict = {body["customer_id"] for body in waiting.values() if body["field"] == _FIELD}
    for id, one in newest(customers).items():
        link = seen_in(one)["integration"]
        there = names.get((link["integration_id"], link["account_id"])) if link else None
        if there not in (None, one.state[_FIELD]) and id not in in_conflict:
            detail = f"{one.state[_FIELD]} at version {one.version}, and {there} in the PSA"
            yield Finding("a linked customer and its account are alike", id, detail)
