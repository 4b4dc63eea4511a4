"""psa-sync-svc knows the links of all customers as customer-svc said them last, tells of changes as they were, and both
sides of each link are alike in the end."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.faults.ledger.customers import Lives, seen_in
from tests.faults.ledger.finding import Finding
from tests.faults.ledger.said import Said, first_occurrences, newest
from tests.faults.ledger.synced import SYNCED, plain, readable


def check_links(links: Mapping[str, tuple[int, Any]], customers: Sequence[Said]) -> Iterator[Finding]:
    """`links`: the customer's version and its account, by customer; a customer that never had one has none here."""
    told = newest(customers)
    for id in sorted(links.keys() | {id for id, one in told.items() if seen_in(one)["integration"]}):
        said = (told[id].version, seen_in(told[id])["integration"]) if id in told else None
        if said != links.get(id):
            yield Finding("a link is known as it was said last", id, f"said {said}, known as {links.get(id)}")


def check_alike(
    accounts: Mapping[tuple[str, str], Mapping[str, Any]], customers: Sequence[Said], psa: Sequence[Said]
) -> Iterator[Finding]:
    """`accounts`: each as its PSA has it. A field that is in conflict waits for a person, and so does what is no
    number."""
    in_conflict = _in_conflict(psa)
    for id, one in newest(customers).items():
        ours = seen_in(one)
        link = ours["integration"]
        theirs = accounts.get((link["integration_id"], link["account_id"])) if link else None
        for field in SYNCED if theirs is not None else ():
            there = (theirs or {}).get(field)
            waits = (id, field) in in_conflict or (ours[field] is None and not readable(field, there))
            if plain(field, there) != ours[field] and not waits:
                detail = f"{field}: {ours[field]} at version {one.version}, and {there} in the PSA"
                yield Finding("a linked customer and its account are alike", id, detail)


def _in_conflict(psa: Sequence[Said]) -> set[tuple[str, str]]:
    waiting = {one.body["conflict_id"]: one.body for one in psa if one.type == "ConflictFound"}
    for one in psa:
        if one.type == "ConflictResolved":
            waiting.pop(one.body["conflict_id"], None)
    return {(body["customer_id"], body["field"]) for body in waiting.values()}


def check_told(psa: Sequence[Said], lives: Lives) -> Iterator[Finding]:
    """A change is told from what the customer was to what its account has; a push, of what the customer had."""
    for one in first_occurrences(psa):
        if one.type == "AccountChanged":
            for field, change in one.body["changes"].items():
                yield from _changed(one, field, change, lives)
        if one.type == "FieldsPushed":
            had = lives.at(one.body["customer_id"], one.body["customer_version"]) or {}
            for field, value in one.body["fields"].items():
                if plain(field, value) != had.get(field):
                    detail = f"{field}: pushed {value}, and it was {had.get(field)}"
                    yield Finding("what is pushed is what the customer had", one.body["customer_id"], detail)


def _changed(one: Said, field: str, change: Mapping[str, Any], lives: Lives) -> Iterator[Finding]:
    id, ours = one.body["customer_id"], plain(field, change["from"])
    if not any(state[field] == ours for state in lives.states.get(id, [])):
        yield Finding("a change is told from what the customer was", id, f"{field}: it never was {change['from']}")
    if plain(field, change["to"]) != plain(field, one.body["account"].get(field)):
        yield Finding("a change is told to what the account has", id, f"{field}: {change}, and {one.body['account']}")
