"""Whether an invoice may be sent now: every reason that holds it, and what clearing the last one does."""

from dataclasses import replace

from invoice_svc.domain.account import Account, Reason, blocks
from invoice_svc.domain.facts import InvoiceFact, InvoiceQueued, InvoiceReleased, InvoiceSendBlocked
from invoice_svc.domain.invoice import Document, Invoice, Sending
from shared.engine.decision import Decision, refuse

_TOO_LATE = frozenset({Sending.SENDING, Sending.SENT, Sending.DELIVERED, Sending.UNCERTAIN})


def known_enough(invoice: Invoice, account: Account | None) -> bool:
    """Whether the customer is known, as this partner's, and as new as was asked for."""
    return (
        account is not None
        and account.partner_id == invoice.partner_id
        and account.customer_version >= invoice.wishes.customer_version
    )


def reasons_for(invoice: Invoice, account: Account | None, *, manual: bool | None = None) -> tuple[Reason, ...]:
    """All reasons not to send it. `manual`: whether a person holds it, where that is about to change."""
    found = blocks(account) if account is not None and known_enough(invoice, account) else (Reason.CUSTOMER_UNKNOWN,)
    by_hand = Reason.MANUAL_HOLD in invoice.delivery.reasons if manual is None else manual
    return (*found, Reason.MANUAL_HOLD) if by_hand else found


def ask(invoice: Invoice, account: Account | None, *, manual: bool | None = None) -> Decision[Invoice, InvoiceFact]:
    """Queue it, or hold it; what is held already is told again only where the set of reasons changes."""
    old, reasons = invoice.delivery, reasons_for(invoice, account, manual=manual)
    if reasons:
        if old.state is Sending.HELD and old.reasons == reasons:
            return Decision(invoice)
        held = replace(old, state=Sending.HELD, reasons=reasons, due_at=None, mark=None)
        return Decision(replace(invoice, delivery=held), (InvoiceSendBlocked(reasons),))
    queued = replace(old, state=Sending.QUEUED, reasons=(), due_at=None, mark=None)
    fact = InvoiceReleased(old.reasons) if old.state is Sending.HELD else InvoiceQueued()
    return Decision(replace(invoice, delivery=queued), (fact,))


def hold(invoice: Invoice) -> Decision[Invoice, InvoiceFact]:
    """By hand, until it is released by hand; also before it was ever asked to be sent."""
    old = invoice.delivery
    if invoice.document in (Document.VOIDED, Document.DISCARDED):
        raise refuse("", "CONFLICT_WITH_STATE", f"the invoice is {invoice.document}: there is nothing to hold")
    if Reason.MANUAL_HOLD in old.reasons:
        return Decision(invoice)
    if old.state in _TOO_LATE:
        raise refuse("", "CONFLICT_WITH_STATE", f"the delivery is {old.state}: it is too late to hold it")
    reasons = (*old.reasons, Reason.MANUAL_HOLD)
    state = Sending.HELD if old.state is Sending.QUEUED else old.state
    held = replace(old, state=state, reasons=reasons, due_at=None)
    return Decision(replace(invoice, delivery=held), (InvoiceSendBlocked(reasons),))


def release(invoice: Invoice, account: Account | None) -> Decision[Invoice, InvoiceFact]:
    """Take the hold by hand away; other reasons stay, and go by themselves when what they name is mended."""
    old = invoice.delivery
    if Reason.MANUAL_HOLD not in old.reasons:
        if old.state is not Sending.HELD:
            return Decision(invoice)
        raise refuse(
            "",
            "CONFLICT_WITH_STATE",
            f"held for {', '.join(old.reasons)}: that is not released by hand, it goes when what it names is mended",
        )
    if invoice.document is Document.FINALIZED and old.state is Sending.HELD:
        return ask(invoice, account, manual=False)
    left = tuple(reason for reason in old.reasons if reason is not Reason.MANUAL_HOLD)
    return Decision(replace(invoice, delivery=replace(old, reasons=left)), (InvoiceSendBlocked(left),))
