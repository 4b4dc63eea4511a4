"""An invoice's delivery is asked for, called off, held by hand, and let go."""

from collections.abc import Iterator
from functools import partial

from invoice_svc.domain.account import Account
from invoice_svc.domain.delivering import cancel, send
from invoice_svc.domain.facts import InvoiceFact
from invoice_svc.domain.holding import hold, release
from invoice_svc.domain.invoice import Invoice
from invoice_svc.domain.settings import Settings
from invoice_svc.handlers.change_invoice import changing, changing_by_account
from shared.contracts.invoices import CancelDelivery, HoldInvoice, ReleaseInvoice, SendInvoice
from shared.engine.change import Change, Meta
from shared.engine.decision import Decision


def handle_send(command: SendInvoice, meta: Meta) -> Iterator[Change[Invoice, InvoiceFact]]:
    return changing_by_account(command, meta, partial(send, resend=command.resend))


def handle_cancel(command: CancelDelivery, meta: Meta) -> Iterator[Change[Invoice, InvoiceFact]]:
    return changing(command, meta, cancel)


def handle_hold(command: HoldInvoice, meta: Meta) -> Iterator[Change[Invoice, InvoiceFact]]:
    return changing(command, meta, hold)


def handle_release(command: ReleaseInvoice, meta: Meta) -> Iterator[Change[Invoice, InvoiceFact]]:
    return changing_by_account(command, meta, _release)


def _release(invoice: Invoice, account: Account | None, _settings: Settings) -> Decision[Invoice, InvoiceFact]:
    return release(invoice, account)
