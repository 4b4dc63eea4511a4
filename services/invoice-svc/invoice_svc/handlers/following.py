"""What follows once an invoice is saved: its number, its customer's coming, another look at what holds it.

Each follow-up recognises by itself that it was done before, so any of them may be cut short by a crash and begun again,
by the message's repeat or by a sweep.
"""

from collections.abc import Iterator
from functools import partial

from invoice_svc.aggregates import ACCOUNT, AWAITED, COUNTER, INVOICE, SETTINGS, account_of, awaited_id
from invoice_svc.domain.account import Account, Awaited, await_customer, call_release
from invoice_svc.domain.counter import Counter, draw, forget
from invoice_svc.domain.drafting import give_number, review
from invoice_svc.domain.facts import InvoiceFact
from invoice_svc.domain.invoice import Document, Invoice, Sending
from invoice_svc.domain.settings import Settings
from shared.engine.change import Change, Reads, Ref
from shared.engine.decision import Decision

InvoiceChange = Change[Invoice, InvoiceFact]
AnyChange = InvoiceChange | Change[Counter, object] | Change[Awaited, object] | Change[Account, object]


def follow(invoice: Invoice, *, at: str) -> Iterator[AnyChange]:
    """Whoever saved this state goes on with it; also when its message is a repeat. `at`: when that was."""
    if invoice.document is Document.FINALIZING:
        yield drawing(invoice, at=at)
    elif invoice.waiting:
        yield _awaiting(invoice, at=at)
    elif invoice.delivery.state is Sending.HELD:
        yield reviewing(invoice, at=at)


def settings_of(reads: Reads, partner_id: str) -> Settings:
    return reads[Ref(SETTINGS, partner_id)] or Settings(partner_id)


def reviewing(invoice: Invoice, *, at: str) -> InvoiceChange:
    """Read the account again, now that the hold or the wait is saved, and end what should not be: so either this sees
    what set the account free, or the release worker sees the hold."""

    def decide(known: Invoice | None, reads: Reads) -> Decision[Invoice, InvoiceFact]:
        return review(known or invoice, reads[account_of(invoice)], settings_of(reads, invoice.partner_id))

    reads = (account_of(invoice), Ref(SETTINGS, invoice.partner_id))
    return Change(INVOICE, invoice.invoice_id, decide, reads=reads, once=False, then=partial(_number_it, at=at))


def drawing(invoice: Invoice, *, at: str) -> Change[Counter, object]:
    """Reads are loaded after the counter: whoever finds no draw there sees the number in the invoice."""

    def decide(known: Counter | None, reads: Reads) -> Decision[Counter, object]:
        found = reads[Ref(INVOICE, invoice.invoice_id)]
        return draw(known, found, settings_of(reads, invoice.partner_id), at=at)

    reads = (Ref(INVOICE, invoice.invoice_id), Ref(SETTINGS, invoice.partner_id))
    then = partial(_numbering, invoice, at=at)
    return Change(COUNTER, invoice.partner_id, decide, reads=reads, once=False, then=then)


def forgetting(partner_id: str, invoice_id: str) -> Change[Counter, object]:
    def decide(known: Counter | None, _reads: Reads) -> Decision[Counter, object]:
        return forget(known or Counter(partner_id), invoice_id)

    return Change(COUNTER, partner_id, decide, once=False)


def calling_release(customer_id: str, version: int) -> Change[Account, object]:
    def decide(known: Account | None, _reads: Reads) -> Decision[Account, object]:
        assert known is not None  # noqa: S101 - accounts are never removed, and this one was just saved
        return call_release(known, version)

    return Change(ACCOUNT, customer_id, decide, once=False)


def _number_it(invoice: Invoice, *, at: str) -> Iterator[AnyChange]:
    if invoice.document is Document.FINALIZING:
        yield drawing(invoice, at=at)


def _numbering(invoice: Invoice, counter: Counter, *, at: str) -> Iterator[AnyChange]:
    drawn = counter.draw_for(invoice.invoice_id)
    if drawn is None:
        return
    number = drawn.number

    def decide(known: Invoice | None, reads: Reads) -> Decision[Invoice, InvoiceFact]:
        return give_number(known or invoice, number, reads[account_of(invoice)])

    reads, then = (account_of(invoice),), partial(_numbered, number=number, at=at)
    yield Change(INVOICE, invoice.invoice_id, decide, reads=reads, once=False, then=then)


def _numbered(invoice: Invoice, *, number: str, at: str) -> Iterator[AnyChange]:
    if invoice.number == number:
        yield forgetting(invoice.partner_id, invoice.invoice_id)
    if invoice.delivery.state is Sending.HELD:
        yield reviewing(invoice, at=at)


def _awaiting(invoice: Invoice, *, at: str) -> Change[Awaited, object]:
    """Leave word for the customer's first event, and only then look whether it came meanwhile."""
    awaited = Awaited(invoice.partner_id, invoice.customer_id)

    def decide(known: Awaited | None, _reads: Reads) -> Decision[Awaited, object]:
        return await_customer(known, awaited)

    id = awaited_id(invoice.partner_id, invoice.customer_id)
    return Change(AWAITED, id, decide, once=False, then=lambda _: [reviewing(invoice, at=at)])
