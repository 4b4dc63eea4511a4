"""Every invoice is made once, numbered, paid by what was paid, and sent or rightly held; none is stuck on its way."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from tests.faults.ledger.asked import Asked
from tests.faults.ledger.customers import Lives
from tests.faults.ledger.finding import Finding
from tests.faults.ledger.said import Said, first_occurrences, newest

EFFECT: Final = {"CreateInvoice": "InvoiceCreated", "RecordPayment": "InvoicePaymentRecorded"}
_ONCE: Final = ("InvoiceCreated", "InvoiceFinalized", "InvoiceSent", "InvoicePaid")


def check_invoices(asked: Mapping[str, Asked], events: Sequence[Said], lives: Lives) -> Iterator[Finding]:
    yield from _effects(asked, events)
    yield from _told_once(events)
    invoices = {id: one.state for id, one in newest(events).items()}
    of_invoice: defaultdict[str, list[Asked]] = defaultdict(list)
    for command in asked.values():
        if command.accepted and "invoice_id" in command.sets:
            of_invoice[command.sets["invoice_id"]].append(command)
    for invoice_id, commands in of_invoice.items():
        if invoice_id in invoices:
            yield from _one(invoices[invoice_id], commands, lives)


def _effects(asked: Mapping[str, Asked], events: Sequence[Said]) -> Iterator[Finding]:
    caused = Counter((one.cause, one.type) for one in first_occurrences(events))
    for command in asked.values():
        effect = EFFECT.get(command.name)
        if effect is not None and command.accepted and (found := caused[command.id, effect]) != 1:
            rule = "no command has two effects" if found else "every accepted command has its effect"
            yield Finding(rule, str(command), f"{found} {effect}, expected 1")
    for cause, type_ in caused:
        if type_ in EFFECT.values() and (cause not in asked or not asked[cause].accepted):
            yield Finding("only what was asked happens", cause, f"{type_} was caused by it")


def _told_once(events: Sequence[Said]) -> Iterator[Finding]:
    told = Counter((one.subject, one.type) for one in first_occurrences(events))
    for (invoice_id, type_), number in told.items():
        if type_ in _ONCE and number > 1:
            yield Finding("what happens once is told once", invoice_id, f"{number} different {type_}")
        if type_ == "InvoiceReleased" and number > told[invoice_id, "InvoiceSendBlocked"]:
            yield Finding("only what was held is released", invoice_id, f"released {number} times, held less often")


def _one(invoice: Mapping[str, Any], commands: Sequence[Asked], lives: Lives) -> Iterator[Finding]:
    invoice_id = str(invoice["invoice_id"])
    made = next((command for command in commands if command.name == "CreateInvoice"), None)
    if made is not None and Decimal(invoice["total"]) != Decimal(made.sets["total"]):
        yield Finding("an invoice says what was asked", invoice_id, f"total {invoice['total']}, not {made.sets}")
    paid = sum((Decimal(c.sets["amount"]) for c in commands if c.name == "RecordPayment"), Decimal(0))
    if Decimal(invoice["payment"]["paid"]) != paid:
        yield Finding("payments add up", invoice_id, f"paid {invoice['payment']['paid']}, expected {paid}")
    if any(command.sets.get("send") for command in commands):
        yield from _delivered(invoice, lives)


def _delivered(invoice: Mapping[str, Any], lives: Lives) -> Iterator[Finding]:
    """With an address now, it must be out; without one it may also be held for that, and for nothing else."""
    invoice_id, delivery = str(invoice["invoice_id"]), invoice["delivery"]
    if invoice["document"] != "finalized" or invoice["number"] is None:
        yield Finding("no invoice is stuck", invoice_id, f"it is {invoice['document']}, number {invoice['number']}")
    held = delivery["state"] == "held" and list(delivery["reasons"]) == ["EMAIL_MISSING"]
    may_be_held = lives.now(invoice["customer_id"])["email"] is None
    if delivery["state"] != "sent" and not (held and may_be_held):
        address = "has none" if may_be_held else "has one"
        detail = f"{delivery['state']} {delivery['reasons']}, and the customer {address}"
        yield Finding("no invoice is stuck", invoice_id, detail)
    yield from _as_of_its_customer(invoice, lives)


def _as_of_its_customer(invoice: Mapping[str, Any], lives: Lives) -> Iterator[Finding]:
    """What was frozen is what the customer was at that version."""
    if (snapshot := invoice["customer"]) is None:
        return
    state = lives.at(invoice["customer_id"], snapshot["version"])
    frozen = {name: snapshot.get(name) for name in ("company_name", "email")}
    if state is None or frozen != {name: state[name] for name in frozen}:
        detail = f"version {snapshot['version']} was {state}, frozen was {frozen}"
        yield Finding("an invoice freezes its customer as it was", str(invoice["invoice_id"]), detail)
