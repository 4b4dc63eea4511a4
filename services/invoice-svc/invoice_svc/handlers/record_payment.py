"""Money that came in for an invoice."""

from collections.abc import Iterator
from functools import partial

from invoice_svc.domain.facts import InvoiceFact
from invoice_svc.domain.invoice import Invoice, Received
from invoice_svc.domain.paying import record_payment
from invoice_svc.handlers.change_invoice import changing
from shared.contracts.invoices import RecordPayment
from shared.engine.change import Change, Meta


def handle(command: RecordPayment, meta: Meta) -> Iterator[Change[Invoice, InvoiceFact]]:
    received = Received(command.amount, command.paid_on, command.reference)
    return changing(command, meta, partial(record_payment, received=received), creation=True)
