"""An invoice is made, and where it was asked for finalised and sent."""

from collections.abc import Iterator
from functools import partial

from invoice_svc.aggregates import ACCOUNT, INVOICE, SETTINGS
from invoice_svc.domain.drafting import Order, create
from invoice_svc.domain.facts import InvoiceFact
from invoice_svc.domain.invoice import Invoice, Wishes
from invoice_svc.handlers.contract_fields import item, payment_terms
from invoice_svc.handlers.following import follow, settings_of
from shared.contracts.invoices import CreateInvoice
from shared.engine.change import Change, Meta, Reads, Ref
from shared.engine.decision import Decision
from shared.engine.outbox import derived_id


def new_invoice_id(meta: Meta) -> str:
    """The id of the invoice that this message creates; a repeat of it derives the same."""
    return derived_id(meta.identity, "invoice")


def handle(command: CreateInvoice, meta: Meta) -> Iterator[Change[Invoice, InvoiceFact]]:
    invoice_id = command.invoice_id or new_invoice_id(meta)
    order = _order(command, invoice_id, meta)
    account, settings = Ref(ACCOUNT, command.customer_id), Ref(SETTINGS, meta.partner_id)

    def decide(known: Invoice | None, reads: Reads) -> Decision[Invoice, InvoiceFact]:
        return create(known, order, reads[account], settings_of(reads, meta.partner_id), now=meta.time)

    then = partial(follow, at=meta.stamp)
    yield Change(INVOICE, invoice_id, decide, reads=(account, settings), creation=True, then=then, swept=True)


def _order(command: CreateInvoice, invoice_id: str, meta: Meta) -> Order:
    wishes = Wishes(
        finalize=command.finalize or command.send,
        send=command.send,
        payment_terms=payment_terms(command.payment_terms),
        customer_version=command.customer_version or 1,
        command_id=meta.id if meta.type == CreateInvoice.ce_type() else None,
    )
    return Order(
        invoice_id=invoice_id,
        partner_id=meta.partner_id,
        customer_id=command.customer_id,
        currency=command.currency,
        items=[item(line) for line in command.lines],
        wishes=wishes,
        issue_date=command.issue_date,
    )
