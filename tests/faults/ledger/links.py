"""psa-sync-svc knows the links of all customers as customer-svc said them last."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.faults.ledger.customers import seen_in
from tests.faults.ledger.finding import Finding
from tests.faults.ledger.said import Said, newest


def check_links(links: Mapping[str, tuple[int, Any]], customers: Sequence[Said]) -> Iterator[Finding]:
    """`links`: the customer's version and its account, by customer; a customer that never had one has none here."""
    told = newest(customers)
    for id in sorted(links.keys() | {id for id, one in told.items() if seen_in(one)["integration"]}):
        said = (told[id].version, seen_in(told[id])["integration"]) if id in told else None
        if said != links.get(id):
            yield Finding("a link is known as it was said last", id, f"said {said}, known as {links.get(id)}")
