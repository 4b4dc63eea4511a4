"""What follows once an invoice is saved: its number, its customer's coming, another look at what holds it.

Each follow-up recognises by itself that it was done before, so any of them may be cut short by a crash and begun again,
by the message's repeat or by a sweep.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from invoice_svc.aggregates import ACCOUNT, AWAITED, COUNTER, INVOICE, SETTINGS, awaited_id
from invoice_svc.domain.account import Account, Awaited, await_customer, await_version, call_release
from invoice_svc.domain.counter import Counter, draw, forget
from invoice_svc.domain.drafting import give_number, review
from invoice_svc.domain.facts import InvoiceFact
from invoice_svc.domain.invoice import Document, Invoice, Sending
from invoice_svc.domain.settings import Settings
from shared.engine.change import Change, Reads, Ref
from shared.engine.decision import Decision
from shared.engine.failpoints import failpoint

InvoiceChange = Change[Invoice, InvoiceFact]
AnyChange = InvoiceChange | Change[Counter, object] | Change[Awaited, object] | Change[Account, object]


@dataclass(frozen=True, slots=True)
class Which:
    """One invoice, by the ids that tell where to look. `at`: when what is followed was done, RFC 3339."""

    invoice_id: str
    customer_id: str
    partner_id: str
    at: str

    @property
    def account(self) -> Ref[Account]:
        return Ref(ACCOUNT, self.customer_id)

    @property
    def settings(self) -> Ref[Settings]:
        return Ref(SETTINGS, self.partner_id)


def follow(invoice: Invoice, *, at: str) -> Iterator[AnyChange]:
    """Whoever saved this state goes on with it; also when its message is a repeat."""
    which = Which(invoice.invoice_id, invoice.customer_id, invoice.partner_id, at)
    if invoice.document is Document.FINALIZING:
        yield drawing(which)
    elif invoice.waiting:
        yield _awaiting(which)
    elif invoice.delivery.state is Sending.HELD:
        yield reviewing(which)


def settings_of(reads: Reads, partner_id: str) -> Settings:
    return reads[Ref(SETTINGS, partner_id)] or Settings(partner_id)


def reviewing(which: Which) -> InvoiceChange:
    """Read the account again, now that the hold or the wait is saved, and end what should not be: so either this sees
    what set the account free, or the release worker sees the hold."""

    def decide(known: Invoice | None, reads: Reads) -> Decision[Invoice, InvoiceFact]:
        if known is None:
            return _nothing()
        return review(known, reads[which.account], settings_of(reads, which.partner_id))

    reads = (which.account, which.settings)
    return Change(INVOICE, which.invoice_id, decide, reads=reads, once=False, then=partial(_reviewed, which))


def drawing(which: Which) -> Change[Counter, object]:
    """Reads are loaded after the counter: whoever finds no draw there sees the number in the invoice."""
    invoice = Ref(INVOICE, which.invoice_id)

    def decide(known: Counter | None, reads: Reads) -> Decision[Counter, object]:
        return draw(known, reads[invoice], settings_of(reads, which.partner_id), at=which.at)

    reads = (invoice, which.settings)
    return Change(COUNTER, which.partner_id, decide, reads=reads, once=False, then=partial(_numbering, which))


def forgetting(which: Which) -> Change[Counter, object]:
    def decide(known: Counter | None, _reads: Reads) -> Decision[Counter, object]:
        return forget(known or Counter(which.partner_id), which.invoice_id)

    return Change(COUNTER, which.partner_id, decide, once=False)


def calling_release(customer_id: str, version: int) -> Change[Account, object]:
    def decide(known: Account | None, _reads: Reads) -> Decision[Account, object]:
        return _nothing() if known is None else call_release(known, version)

    return Change(ACCOUNT, customer_id, decide, once=False)


def _reviewed(which: Which, invoice: Invoice) -> Iterator[AnyChange]:
    if invoice.document is Document.FINALIZING:
        yield drawing(which)
    elif invoice.waiting:
        yield _awaiting_version(which, invoice.wishes.customer_version)


def _numbering(which: Which, counter: Counter) -> Iterator[AnyChange]:
    failpoint("number-drawn")
    drawn = counter.draw_for(which.invoice_id)
    if drawn is None:
        return
    number = drawn.number

    def decide(known: Invoice | None, reads: Reads) -> Decision[Invoice, InvoiceFact]:
        return _nothing() if known is None else give_number(known, number, reads[which.account])

    then = partial(_numbered, which, number)
    yield Change(INVOICE, which.invoice_id, decide, reads=(which.account,), once=False, then=then)


def _numbered(which: Which, number: str, invoice: Invoice) -> Iterator[AnyChange]:
    if invoice.number == number:
        yield forgetting(which)
    if invoice.delivery.state is Sending.HELD:
        yield reviewing(which)


def _awaiting(which: Which) -> Change[Awaited, object]:
    """Leave word for the customer's first event, and only then look whether it came meanwhile."""
    awaited = Awaited(which.partner_id, which.customer_id)

    def decide(known: Awaited | None, _reads: Reads) -> Decision[Awaited, object]:
        return await_customer(known, awaited)

    id = awaited_id(which.partner_id, which.customer_id)
    return Change(AWAITED, id, decide, once=False, then=lambda _: [reviewing(which)])


def _awaiting_version(which: Which, version: int) -> Change[Account, object]:
    """The customer is known, and not as new as was asked for: leave word in its account, unless that came meanwhile."""

    def decide(known: Account | None, _reads: Reads) -> Decision[Account, object]:
        return _nothing() if known is None else await_version(known, version)

    def then(account: Account) -> Iterable[AnyChange]:
        return [reviewing(which)] if account.customer_version >= version else []

    return Change(ACCOUNT, which.customer_id, decide, once=False, then=then)


def _nothing() -> Decision[Any, Any]:
    """Where there is no document, none is made."""
    return Decision(None)
