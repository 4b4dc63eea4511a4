"""One attempt to hand a mail over: marked before DATA, and closed by what is known of it afterwards."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from invoice_svc.domain.account import Account
from invoice_svc.domain.delivering import called_off
from invoice_svc.domain.facts import (
    InvoiceDeliveryCancelled,
    InvoiceDeliveryFailed,
    InvoiceDeliveryUncertain,
    InvoiceFact,
    InvoiceSent,
)
from invoice_svc.domain.holding import ask, reasons_for
from invoice_svc.domain.invoice import Delivery, Document, Invoice, Mark, Sending, message_id
from shared.engine.decision import Decision

MOST_ATTEMPTS: Final = 10
_FIRST_PAUSE: Final = timedelta(seconds=5)
_LONGEST_PAUSE: Final = timedelta(hours=1)
_SETTLED: Final = frozenset({Sending.SENT, Sending.DELIVERED, Sending.BOUNCED})

Step = Decision[Invoice, InvoiceFact]


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt at one generation's mail, for these addresses, by whoever `mark` says."""

    generation: int
    to: tuple[str, ...]
    cc: tuple[str, ...]
    mark: Mark


def recipients(account: Account) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """`to` and `cc` of a mail to this customer: nobody gets it twice, however the letters are cased."""
    if account.email is None:
        return (), account.cc
    to = account.email.casefold()
    return (account.email,), tuple(address for address in account.cc if address.casefold() != to)


def mark(invoice: Invoice, attempt: Attempt, account: Account | None) -> Step:
    """From here on the mail may be out. Nothing is marked where it is no longer wanted, or would go to addresses that
    are no longer the customer's; where sending is not allowed by now, it is held again."""
    delivery = invoice.delivery
    if not _wanted(invoice) or delivery.generation != attempt.generation:
        return Decision(invoice)
    if account is None or reasons_for(invoice, account):
        return ask(invoice, account)
    if recipients(account) != (attempt.to, attempt.cc):
        return Decision(invoice)
    sending = replace(
        delivery,
        state=Sending.SENDING,
        to=attempt.to,
        cc=attempt.cc,
        message_id=message_id(invoice.invoice_id, delivery.generation),
        attempts=delivery.attempts + 1,
        due_at=None,
        mark=attempt.mark,
    )
    return Decision(replace(invoice, delivery=sending))


def hold_again(invoice: Invoice, account: Account | None) -> Step:
    """Before a mail is even written: what may not be sent by now is held."""
    return ask(invoice, account) if _wanted(invoice) and reasons_for(invoice, account) else Decision(invoice)


def accepted(invoice: Invoice, attempt: Attempt, taken: tuple[str, ...] | None = None) -> Step:
    """The server has the mail, whoever else has meanwhile come to another view of it. `taken`: the addresses that it
    was taken for; None: not known, all."""
    delivery = invoice.delivery
    if delivery.generation != attempt.generation or delivery.state in _SETTLED:
        return Decision(invoice)
    sent_as = message_id(invoice.invoice_id, attempt.generation)
    cc = attempt.cc if taken is None else tuple(address for address in attempt.cc if address in taken)
    sent = replace(
        delivery,
        state=Sending.SENT,
        reasons=(),
        to=attempt.to,
        cc=cc,
        message_id=sent_as,
        attempts=max(delivery.attempts, 1),
        due_at=None,
        mark=None,
    )
    return Decision(replace(invoice, delivery=sent), (InvoiceSent(attempt.to, sent_as),))


def failed_for_now(invoice: Invoice, attempt: Attempt, code: str, detail: str, *, now: datetime) -> Step:
    """Certainly not taken: again after a pause, until there were too many attempts."""
    if not _concerns(invoice, attempt):
        return Decision(invoice)
    if invoice.document is not Document.FINALIZED:
        return Decision(called_off(invoice), (InvoiceDeliveryCancelled(),))
    tried = _counted(invoice.delivery)
    if tried.attempts >= MOST_ATTEMPTS:
        return failed_for_good(invoice, attempt, code, detail)
    due = (now + pause(tried.attempts)).isoformat()
    queued = replace(tried, state=Sending.QUEUED, due_at=due, mark=None)
    return Decision(replace(invoice, delivery=queued), (InvoiceDeliveryFailed(code, detail, permanent=False),))


def failed_for_good(invoice: Invoice, attempt: Attempt, code: str, detail: str) -> Step:
    """Certainly not taken, and no repeat can help: a person has to."""
    if not _concerns(invoice, attempt):
        return Decision(invoice)
    failed = replace(_counted(invoice.delivery), state=Sending.FAILED, due_at=None, mark=None)
    return Decision(replace(invoice, delivery=failed), (InvoiceDeliveryFailed(code, detail, permanent=True),))


def not_taken(invoice: Invoice, attempt: Attempt) -> Step:
    """The mail system says that a marked attempt never reached it: it is made again, as the same mail."""
    if not _under_way(invoice, attempt):
        return Decision(invoice)
    if invoice.document is not Document.FINALIZED:
        return Decision(called_off(invoice), (InvoiceDeliveryCancelled(),))
    return Decision(replace(invoice, delivery=replace(invoice.delivery, state=Sending.QUEUED, mark=None)))


def uncertain(invoice: Invoice, attempt: Attempt) -> Step:
    """Nobody can say whether a marked attempt arrived; never repeated by itself."""
    if not _under_way(invoice, attempt):
        return Decision(invoice)
    lost = replace(invoice.delivery, state=Sending.UNCERTAIN, mark=None)
    fact = InvoiceDeliveryUncertain(message_id(invoice.invoice_id, attempt.generation))
    return Decision(replace(invoice, delivery=lost), (fact,))


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 5 s, 20 s, 80 s … an hour."""
    return min(_FIRST_PAUSE * int(4 ** (attempts - 1)), _LONGEST_PAUSE)


def _wanted(invoice: Invoice) -> bool:
    return invoice.document is Document.FINALIZED and invoice.delivery.state is Sending.QUEUED


def _under_way(invoice: Invoice, attempt: Attempt) -> bool:
    return invoice.delivery.state is Sending.SENDING and invoice.delivery.mark == attempt.mark


def _concerns(invoice: Invoice, attempt: Attempt) -> bool:
    """Whether a failure is that of the attempt under way, or of one that failed before it could be marked."""
    delivery = invoice.delivery
    unmarked = delivery.state is Sending.QUEUED and delivery.generation == attempt.generation
    return unmarked or _under_way(invoice, attempt)


def _counted(delivery: Delivery) -> Delivery:
    """A marked attempt was counted when it was marked."""
    return delivery if delivery.mark is not None else replace(delivery, attempts=delivery.attempts + 1)
