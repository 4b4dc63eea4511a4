"""Asking for an invoice's delivery, and calling it off."""

from dataclasses import replace

from invoice_svc.domain.account import Account, Reason
from invoice_svc.domain.drafting import finalize_and_send
from invoice_svc.domain.facts import InvoiceDeliveryCancelled, InvoiceFact
from invoice_svc.domain.holding import ask
from invoice_svc.domain.invoice import Delivery, Document, Invoice, Sending
from invoice_svc.domain.settings import Settings
from shared.engine.decision import Decision, refuse

_UNDER_WAY = frozenset({Sending.QUEUED, Sending.HELD, Sending.SENDING})
_GONE_OUT = frozenset({Sending.SENT, Sending.DELIVERED, Sending.UNCERTAIN})


def send(
    invoice: Invoice, account: Account | None, settings: Settings, *, resend: bool
) -> Decision[Invoice, InvoiceFact]:
    """A draft is finalised by it. What went out, or may have, goes again only with `resend`, as a new mail."""
    if invoice.document in (Document.VOIDED, Document.DISCARDED):
        raise refuse("", "CONFLICT_WITH_STATE", f"the invoice is {invoice.document} and cannot be sent")
    if invoice.document is Document.DRAFT:
        return finalize_and_send(invoice, account, settings)
    state = invoice.delivery.state
    if invoice.document is Document.FINALIZING:
        return _wish(invoice)
    if state in _UNDER_WAY or (state in _GONE_OUT and not resend):
        return Decision(invoice)
    new_mail = state in _GONE_OUT or state is Sending.BOUNCED
    return ask(replace(invoice, delivery=_afresh(invoice.delivery, new_mail=new_mail)), account)


def cancel(invoice: Invoice) -> Decision[Invoice, InvoiceFact]:
    """Only what was not handed over yet can be called off; a hold by hand stays for the next time."""
    old = invoice.delivery
    wished = invoice.document is Document.FINALIZING and invoice.wishes.send
    if old.state is Sending.CANCELLED and not wished:
        return Decision(invoice)
    if old.state not in (Sending.QUEUED, Sending.HELD) and not wished:
        raise refuse("", "CONFLICT_WITH_STATE", f"the delivery is {old.state}: there is nothing left to cancel")
    return Decision(called_off(invoice), (InvoiceDeliveryCancelled(),))


def called_off(invoice: Invoice) -> Invoice:
    """The invoice without the delivery that it was waiting for."""
    by_hand = tuple(reason for reason in invoice.delivery.reasons if reason is Reason.MANUAL_HOLD)
    cancelled = replace(invoice.delivery, state=Sending.CANCELLED, reasons=by_hand, due_at=None, mark=None)
    return replace(invoice, delivery=cancelled, wishes=replace(invoice.wishes, send=False))


def _wish(invoice: Invoice) -> Decision[Invoice, InvoiceFact]:
    """It is being numbered; what is wished by then is done then."""
    if invoice.wishes.send:
        return Decision(invoice)
    delivery = replace(invoice.delivery, state=Sending.NOT_REQUESTED)
    return Decision(replace(invoice, delivery=delivery, wishes=replace(invoice.wishes, send=True)))


def _afresh(old: Delivery, *, new_mail: bool) -> Delivery:
    """Attempts are counted anew. A mail that was taken by the server is never sent under the same Message-ID."""
    if not new_mail:
        return replace(old, attempts=0)
    return Delivery(generation=old.generation + 1, reasons=old.reasons)
