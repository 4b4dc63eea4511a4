"""An invoice is taken back: a draft discarded, a finalised one voided."""

from collections.abc import Iterator

from invoice_svc.domain.closing import discard, void
from invoice_svc.domain.facts import InvoiceFact
from invoice_svc.domain.invoice import Invoice
from invoice_svc.handlers.change_invoice import changing
from shared.contracts.invoices import DiscardInvoice, VoidInvoice
from shared.engine.change import Change, Meta


def handle_discard(command: DiscardInvoice, meta: Meta) -> Iterator[Change[Invoice, InvoiceFact]]:
    return changing(command, meta, discard)


def handle_void(command: VoidInvoice, meta: Meta) -> Iterator[Change[Invoice, InvoiceFact]]:
    return changing(command, meta, void)
