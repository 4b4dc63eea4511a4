"""How a command about one invoice becomes a change: it must be there and be that customer's; then its rule decides."""

from collections.abc import Callable, Iterator
from functools import partial

from invoice_svc.aggregates import ACCOUNT, INVOICE, SETTINGS
from invoice_svc.domain.account import Account
from invoice_svc.domain.facts import InvoiceFact
from invoice_svc.domain.invoice import Invoice
from invoice_svc.domain.settings import Settings
from invoice_svc.handlers.following import follow, settings_of
from shared.contracts.invoices import InvoiceCommand
from shared.engine.change import Change, Meta, Reads, Ref
from shared.engine.decision import Decision, no_such

Rule = Callable[[Invoice, Account | None, Settings], Decision[Invoice, InvoiceFact]]
"""For a rule that needs to see the account and the settings."""


def changing(
    command: InvoiceCommand,
    meta: Meta,
    rule: Callable[[Invoice], Decision[Invoice, InvoiceFact]],
    *,
    creation: bool = False,
) -> Iterator[Change[Invoice, InvoiceFact]]:
    """`creation`: the command is recognised for ever, as a payment is."""

    def decide(known: Invoice | None, _reads: Reads) -> Decision[Invoice, InvoiceFact]:
        return rule(_the_one_meant(known, command))

    then = partial(follow, at=meta.stamp)
    yield Change(INVOICE, command.invoice_id, decide, creation=creation, then=then, swept=True)


def changing_by_account(command: InvoiceCommand, meta: Meta, rule: Rule) -> Iterator[Change[Invoice, InvoiceFact]]:
    """The account is that of the command's customer, which must be the invoice's."""
    account, settings = Ref(ACCOUNT, command.customer_id), Ref(SETTINGS, meta.partner_id)

    def decide(known: Invoice | None, reads: Reads) -> Decision[Invoice, InvoiceFact]:
        invoice = _the_one_meant(known, command)
        return rule(invoice, reads[account], settings_of(reads, meta.partner_id))

    then = partial(follow, at=meta.stamp)
    yield Change(INVOICE, command.invoice_id, decide, reads=(account, settings), then=then, swept=True)


def _the_one_meant(known: Invoice | None, command: InvoiceCommand) -> Invoice:
    if known is None or known.customer_id != command.customer_id:
        raise no_such("invoice_id")
    return known
