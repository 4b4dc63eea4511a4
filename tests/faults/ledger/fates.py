"""Where an invoice has to be in the end: by what was asked of it, and by what its customer is now."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.faults.ledger.asked import Asked
from tests.faults.ledger.customers import Lives, State
from tests.faults.ledger.finding import Finding
from tests.faults.ledger.said import Said, newest

_NOT_OUT: Final = ("not_requested", "cancelled")


@dataclass
class Wishes:
    """What the commands that were taken come to, in their order."""

    send: bool = False
    by_hand: bool = False
    called_off: bool = False
    voided: bool = False
    discarded: bool = False

    def take(self, command: Asked) -> None:
        match command.name:
            case "CreateInvoice" | "SendInvoice":
                self.send |= bool(command.sets.get("send"))
                self.called_off = False
            case "CancelDelivery":
                self.called_off = True
            case "HoldInvoice" | "ReleaseInvoice":
                self.by_hand = command.name == "HoldInvoice"
            case "VoidInvoice":
                self.voided = True
            case "DiscardInvoice":
                self.discarded = True

    @property
    def document(self) -> str:
        if self.discarded:
            return "discarded"
        if self.voided:
            return "voided"
        return "finalized" if self.send else "draft"


def check_fates(
    asked: Mapping[str, Asked], taken: Mapping[str, Asked], events: Sequence[Said], lives: Lives
) -> Iterator[Finding]:
    invoices = {id: one.state for id, one in newest(events).items()}
    wishes: defaultdict[str, Wishes] = defaultdict(Wishes)
    for command in sorted(taken.values(), key=lambda one: one.began):
        if "invoice_id" in command.sets:
            wishes[command.sets["invoice_id"]].take(command)
    for invoice_id, wished in wishes.items():
        if invoice_id in invoices:
            yield from _document(invoices[invoice_id], wished)
            yield from _delivery(invoices[invoice_id], wished, lives)
    yield from _refused_for_a_reason(asked, taken, {one.subject for one in events if _was_tried(one)})


def _document(invoice: Mapping[str, Any], wished: Wishes) -> Iterator[Finding]:
    numbered = wished.document in ("finalized", "voided")
    if invoice["document"] != wished.document or (invoice["number"] is not None) != numbered:
        detail = f"it is {invoice['document']}, number {invoice['number']}; expected {wished.document}"
        yield Finding("no invoice is stuck", str(invoice["invoice_id"]), detail)


def _delivery(invoice: Mapping[str, Any], wished: Wishes, lives: Lives) -> Iterator[Finding]:
    """With nothing that holds it, it must be out; else it may also be held for exactly that, and held by hand it is."""
    delivery, held_for = invoice["delivery"], _blocks(lives.now(invoice["customer_id"]))
    expected = [*held_for, "MANUAL_HOLD"] if wished.by_hand else held_for
    state, reasons = delivery["state"], list(delivery["reasons"])
    if wished.discarded or not wished.send:
        kept = state in _NOT_OUT
    elif wished.voided:
        kept = state in (*_NOT_OUT, "sent")
    elif wished.called_off:
        kept = state == "cancelled"
    elif state == "sent":
        kept = not wished.by_hand and not reasons
    else:
        kept = state == "held" and reasons == expected and bool(expected)
    if not kept:
        detail = f"{state} {reasons}, asked for {wished}, held for {expected}"
        yield Finding("no invoice is stuck", str(invoice["invoice_id"]), detail)


def _blocks(customer: State) -> list[str]:
    """Why nothing is sent to it now."""
    disabled = [] if customer["status"] == "active" else ["CUSTOMER_DISABLED"]
    return disabled if customer["email"] is not None else [*disabled, "EMAIL_MISSING"]


def _was_tried(one: Said) -> bool:
    """Whether a mail was on its way by then. It need not have come out: an attempt that came to nothing is made again,
    unless the customer may get no mail any more."""
    return one.state["delivery"]["message_id"] is not None


def _refused_for_a_reason(asked: Mapping[str, Asked], taken: Mapping[str, Asked], tried: set[str]) -> Iterator[Finding]:
    """What may be refused is so only where the mail was on its way: too late to hold it or to call it off."""
    for command in asked.values():
        refused = command.may_be_refused and command.ended is not None and command.id not in taken
        if refused and command.sets["invoice_id"] not in tried:
            yield Finding("a refusal has its reason", str(command), "it was refused, and its mail was never tried")
