"""A draft is frozen and numbered."""

from collections.abc import Iterator

from invoice_svc.domain.drafting import finalize
from invoice_svc.domain.facts import InvoiceFact
from invoice_svc.domain.invoice import Invoice
from invoice_svc.handlers.change_invoice import changing_by_account
from shared.contracts.invoices import FinalizeInvoice
from shared.engine.change import Change, Meta


def handle(command: FinalizeInvoice, meta: Meta) -> Iterator[Change[Invoice, InvoiceFact]]:
    return changing_by_account(command, meta, finalize)
