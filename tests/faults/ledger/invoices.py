"""Every invoice is made once and says what was asked; each command has its effect; what happens once is told once."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from tests.faults.ledger.answers import taken_back
from tests.faults.ledger.asked import Asked
from tests.faults.ledger.customers import Lives
from tests.faults.ledger.finding import Finding
from tests.faults.ledger.said import Said, first_occurrences, newest
from tests.faults.ledger.synced import plain_of

EFFECT: Final = {
    "CreateInvoice": "InvoiceCreated",
    "RecordPayment": "InvoicePaymentRecorded",
    "VoidInvoice": "InvoiceVoided",
    "DiscardInvoice": "InvoiceDiscarded",
    "CancelDelivery": "InvoiceDeliveryCancelled",
}
_ONCE: Final = (
    *("InvoiceCreated", "InvoiceFinalized", "InvoicePaid", "InvoiceOverdue", "InvoiceVoided", "InvoiceDiscarded"),
    "InvoiceTermsFixed",
)

_FROZEN: Final = ("company_name", "contact_number", "company_address", "email")


def check_invoices(
    asked: Mapping[str, Asked], taken: Mapping[str, Asked], events: Sequence[Said], today: date
) -> Iterator[Finding]:
    """`taken`: what was asked and not refused."""
    yield from _effects(asked, taken, events)
    yield from _told_once(taken, events)
    invoices = {id: one.state for id, one in newest(events).items()}
    overdue = {one.subject for one in events if one.type == "InvoiceOverdue"}
    for invoice_id, invoice in invoices.items():
        yield from _as_asked(invoice, [c for c in taken.values() if c.sets.get("invoice_id") == invoice_id])
        yield from _told_to_be_overdue(invoice, today, told=invoice_id in overdue)


def _effects(asked: Mapping[str, Asked], taken: Mapping[str, Asked], events: Sequence[Said]) -> Iterator[Finding]:
    caused, gone = Counter((one.cause, one.type) for one in first_occurrences(events)), taken_back(events)
    for command in taken.values():
        effect, expected = EFFECT.get(command.name), int(not command.sets.get("idle"))
        if effect is not None and (found := caused[command.id, effect]) != expected:
            rule = "no command has two effects" if found else "every accepted command has its effect"
            yield Finding(rule, str(command), f"{found} {effect}, expected {expected}")
    late = {one.sets.get("invoice_id") for one in asked.values() if one.name == "CreateInvoice" and one.must_be_refused}
    for one in first_occurrences(events):
        asked_for = one.cause in taken or one.subject in late & gone or _came_to_nothing(one)
        if one.type in EFFECT.values() and not asked_for:
            yield Finding("only what was asked happens", one.subject, f"{one.type} was caused by {one.cause}")


def _came_to_nothing(one: Said) -> bool:
    """A mail under way when its invoice was voided, and that was not taken, is called off by itself."""
    return one.type == "InvoiceDeliveryCancelled" and bool(one.state["document"] == "voided")


def _told_once(taken: Mapping[str, Asked], events: Sequence[Said]) -> Iterator[Finding]:
    told = Counter((one.subject, one.type) for one in first_occurrences(events))
    mails = Counter(command.sets["invoice_id"] for command in taken.values() if command.sets.get("resend"))
    for (invoice_id, type_), number in told.items():
        if number > (1 + mails[invoice_id] if type_ == "InvoiceSent" else 1) and type_ in (*_ONCE, "InvoiceSent"):
            yield Finding("what happens once is told once", invoice_id, f"{number} different {type_}")
        if type_ == "InvoiceReleased" and number > told[invoice_id, "InvoiceSendBlocked"]:
            yield Finding("only what was held is released", invoice_id, f"released {number} times, held less often")


def _as_asked(invoice: Mapping[str, Any], commands: Sequence[Asked]) -> Iterator[Finding]:
    invoice_id = str(invoice["invoice_id"])
    made = next((command for command in commands if command.name == "CreateInvoice"), None)
    if made is not None and Decimal(invoice["total"]) != Decimal(made.sets["total"]):
        yield Finding("an invoice says what was asked", invoice_id, f"total {invoice['total']}, not {made.sets}")
    paid = sum((Decimal(c.sets["amount"]) for c in commands if c.name == "RecordPayment"), Decimal(0))
    if Decimal(invoice["payment"]["paid"]) != paid:
        yield Finding("payments add up", invoice_id, f"paid {invoice['payment']['paid']}, expected {paid}")


def _told_to_be_overdue(invoice: Mapping[str, Any], today: date, *, told: bool) -> Iterator[Finding]:
    """A day on either side is left to the zone and to midnight."""
    if invoice["due_date"] is None:
        return
    due = date.fromisoformat(invoice["due_date"])
    owed = invoice["document"] == "finalized" and Decimal(invoice["payment"]["paid"]) < Decimal(invoice["total"])
    must = owed and due < today - timedelta(days=1)
    may = due < today + timedelta(days=1)
    if (must and not told) or (told and not may):
        detail = f"due {due}, told: {told}, {invoice['document']}"
        yield Finding("what is past its day is told to be overdue", str(invoice["invoice_id"]), detail)


def check_snapshots(events: Sequence[Said], lives: Lives) -> Iterator[Finding]:
    """What was frozen is what the customer was at that version."""
    for invoice_id, one in newest(events).items():
        if (snapshot := one.state["customer"]) is None:
            continue
        state = lives.at(one.state["customer_id"], snapshot["version"])
        frozen = plain_of({name: snapshot.get(name) for name in _FROZEN})
        if state is None or frozen != {name: state[name] for name in frozen}:
            detail = f"version {snapshot['version']} was {state}, frozen was {frozen}"
            yield Finding("an invoice freezes its customer as it was", invoice_id, detail)
