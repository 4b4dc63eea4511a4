"""Taking an invoice back: a draft is discarded, a finalised one is voided and keeps its number."""

from dataclasses import replace

from invoice_svc.domain.delivering import called_off
from invoice_svc.domain.facts import InvoiceDeliveryCancelled, InvoiceDiscarded, InvoiceFact, InvoiceVoided
from invoice_svc.domain.invoice import Document, Invoice, Sending
from shared.engine.decision import Decision, refuse


def discard(invoice: Invoice) -> Decision[Invoice, InvoiceFact]:
    """Only a draft; what has, or is drawing, a number is voided instead, so that no number is missing."""
    if invoice.document is Document.DISCARDED:
        return Decision(invoice)
    if invoice.document is not Document.DRAFT:
        raise refuse("", "CONFLICT_WITH_STATE", f"the invoice is {invoice.document}; only a draft can be discarded")
    off = called_off(invoice) if invoice.delivery.state is Sending.HELD else invoice
    return Decision(replace(off, document=Document.DISCARDED), (InvoiceDiscarded(),))


def void(invoice: Invoice) -> Decision[Invoice, InvoiceFact]:
    """Not after money came in. What waits to be sent is called off; a mail that is being handed over is not."""
    if invoice.document is Document.VOIDED:
        return Decision(invoice)
    if invoice.document is not Document.FINALIZED:
        raise refuse(
            "", "CONFLICT_WITH_STATE", f"the invoice is {invoice.document}; only a finalised one can be voided"
        )
    if invoice.payment.paid > 0:
        raise refuse("", "CONFLICT_WITH_STATE", "a payment was recorded: an invoice that was paid cannot be voided")
    if invoice.delivery.state not in (Sending.QUEUED, Sending.HELD):
        return Decision(replace(invoice, document=Document.VOIDED), (InvoiceVoided(),))
    voided = replace(called_off(invoice), document=Document.VOIDED)
    return Decision(voided, (InvoiceDeliveryCancelled(), InvoiceVoided()))
