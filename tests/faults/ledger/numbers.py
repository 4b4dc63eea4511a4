"""Invoice numbers: none missing, none double, and none that changes."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tests.faults.ledger.finding import Finding
from tests.faults.ledger.said import Said


def check_numbers(invoice_events: Sequence[Said], *, prefix: str) -> Iterator[Finding]:
    """Numbers start at 1."""
    holders: defaultdict[int, set[str]] = defaultdict(set)
    numbers: defaultdict[str, set[int]] = defaultdict(set)
    for one in invoice_events:
        if (number := one.state["number"]) is not None:
            place = int(number.removeprefix(prefix))
            holders[place].add(one.subject)
            numbers[one.subject].add(place)
    for place, invoices in holders.items():
        if len(invoices) > 1:
            yield Finding("no number is given twice", f"{prefix}{place:05d}", f"it is that of {sorted(invoices)}")
    for invoice_id, places in numbers.items():
        if len(places) > 1:
            yield Finding("an invoice keeps its number", invoice_id, f"it had {sorted(places)}")
    for before, after in pairwise([0, *sorted(holders)]):
        if after != before + 1:
            yield Finding("no number is missing", f"{prefix}{before + 1:05d}", f"the next one given is {after}")
