"""Every invoice is due by the terms of its customer at the version it saw, or else by the partner's; reckoned here once
more, from what the terms mean."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from tests.faults.ledger.asked import Asked
from tests.faults.ledger.customers import Lives
from tests.faults.ledger.finding import Finding
from tests.faults.ledger.said import Said, newest

Terms = Mapping[str, Any]


def check_due_dates(
    asked: Mapping[str, Asked], events: Sequence[Said], lives: Lives, partners: Terms
) -> Iterator[Finding]:
    """`partners`: the terms of customers that have none of their own."""
    made = {one.sets["invoice_id"]: one for one in asked.values() if one.name == "CreateInvoice" and one.sets}
    fixed: defaultdict[str, set[str]] = defaultdict(set)
    for one in events:
        if one.state["payment_terms"] is not None:
            fixed[one.subject].add(f"{one.state['payment_terms']}, due {one.state['due_date']}")
    for invoice_id, one in newest(events).items():
        if invoice_id in made and one.state["payment_terms"] is not None:
            yield from _one(one.state, made[invoice_id], lives, partners)
        if len(fixed[invoice_id]) > 1:
            yield Finding("terms stay as they were fixed", invoice_id, " and ".join(sorted(fixed[invoice_id])))


def _one(invoice: Mapping[str, Any], made: Asked, lives: Lives, partners: Terms) -> Iterator[Finding]:
    invoice_id, terms = str(invoice["invoice_id"]), invoice["payment_terms"]
    expected = due(terms, date.fromisoformat(invoice["issue_date"]))
    if invoice["due_date"] != expected.isoformat():
        yield Finding("an invoice is due by its terms", invoice_id, f"{terms}: {invoice['due_date']}, not {expected}")
    if invoice["issue_date"] != made.sets.get("issue_date", invoice["issue_date"]):
        yield Finding("an invoice says what was asked", invoice_id, f"issued on {invoice['issue_date']}: {made.sets}")
    found, possible = (terms, invoice["terms_source"]), list(_possible(invoice, made, lives, partners))
    if found not in possible:
        yield Finding("an invoice has its customer's terms", invoice_id, f"{found}, not one of {possible}")
    seen, awaited = (invoice["customer"] or {}).get("version"), made.sets.get("customer_version", 1)
    if seen is not None and seen < awaited:
        yield Finding("an invoice waits for the version it names", invoice_id, f"{awaited}, and it saw {seen}")


def _possible(invoice: Mapping[str, Any], made: Asked, lives: Lives, partners: Terms) -> Iterator[tuple[Terms, str]]:
    """What is finalised at once has the terms of the version that it shows; a draft, of that one or one before it."""
    if (own := made.sets.get("payment_terms")) is not None:
        yield own, "invoice"
        return
    states, snapshot = lives.states.get(invoice["customer_id"], []), invoice["customer"]
    last = snapshot["version"] if snapshot else len(states)
    first = last if made.sets["send"] else made.sets.get("customer_version", 1)
    for state in states[first - 1 : last]:
        terms = state["payment_terms"]
        yield (partners, "partner") if terms is None else (terms, "customer")


def due(terms: Terms, issued: date) -> date:
    match terms["kind"]:
        case "due_on_receipt":
            return issued
        case "net":
            return issued + timedelta(days=terms["days"])
        case "end_of_month":
            return _in_month(issued, 0, 31)
        case "net_end_of_month":
            return _in_month(issued, 0, 31) + timedelta(days=terms["days"])
        case "days_end_of_month":
            return _in_month(issued + timedelta(days=terms["days"]), 0, 31)
    cutoff = terms["cutoff"]
    months = terms["months"] + (cutoff is not None and issued.day > cutoff)
    while (found := _in_month(issued, months, terms["day"])) < issued:
        months += 1
    return found


def _in_month(start: date, months: int, day: int) -> date:
    """That day of the month so many months later, or its last one."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return date(year, month + 1, min(day, monthrange(year, month + 1)[1]))
