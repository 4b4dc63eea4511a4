"""Hands invoices over to the mail system: marked before, closed after, and never repeated on a guess."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import structlog

from invoice_svc.aggregates import ACCOUNT, DELIVER, INVOICE, SETTINGS
from invoice_svc.domain import attempts
from invoice_svc.domain.account import Account
from invoice_svc.domain.attempts import Attempt
from invoice_svc.domain.facts import InvoiceFact
from invoice_svc.domain.holding import reasons_for
from invoice_svc.domain.invoice import Invoice, Mark, Sending, message_id
from invoice_svc.handlers.following import follow
from invoice_svc.messages import shown
from invoice_svc.workers.envelope import work_meta
from invoice_svc.workers.mailer import (
    Accepted,
    Letter,
    Mailer,
    MailLog,
    MailLogAway,
    NotMarked,
    Outcome,
    PermanentFailure,
    Seller,
    TransientFailure,
    Unknown,
)
from shared.engine.change import Change, Reads, Ref
from shared.engine.decision import Decision
from shared.engine.engine import Engine
from shared.engine.entries import Entries, doubling
from shared.engine.errors import Unavailable
from shared.engine.work import Work
from shared.telemetry import metrics

_log = structlog.get_logger(__name__)
_ASK_AGAIN: Final = timedelta(seconds=5)
_AWAY_FIRST, _AWAY_MOST = timedelta(seconds=1), timedelta(seconds=30)
_AT_ONCE: Final = timedelta(0)

Step = Decision[Invoice, InvoiceFact]


@dataclass(frozen=True, slots=True)
class Claimed:
    """An invoice, the attempt that is made at it, and until when (monotonic seconds) it is this process's to make."""

    work: Work
    invoice: Invoice
    attempt: Attempt
    deadline: float


class Delivery:
    """`lease_s` covers the making of the PDF and the whole conversation. `seller`: for partners that settled none."""

    def __init__(self, engine: Engine, mailer: Mailer, log: MailLog, *, seller: Seller, lease_s: float) -> None:
        self._engine, self._mailer, self._log = engine, mailer, log
        self._seller, self._lease_s, self._entries = seller, lease_s, Entries(engine)

    async def deliver(self, work: Work) -> None:
        deadline = time.monotonic() + self._lease_s - 1.0
        found = await self._entries.find(INVOICE, work)
        invoice, rev = found.state, found.rev
        if invoice is None or invoice.delivery.state not in (Sending.QUEUED, Sending.SENDING):
            await self._entries.not_needed(work, rev)
        elif invoice.delivery.state is Sending.SENDING:
            await self._settle(work, invoice)
        elif (due := invoice.delivery.due_at) and datetime.fromisoformat(due) > datetime.now(UTC):
            await self._engine.jobs.postpone(work, datetime.fromisoformat(due))
        else:
            account = await self._engine.read(ACCOUNT, invoice.customer_id)
            to, cc = attempts.recipients(account) if account else ((), ())
            claimed = Claimed(work, invoice, Attempt(invoice.delivery.generation, to, cc, _mark(work)), deadline)
            if reasons_for(invoice, account):
                await self._hold_again(claimed)
            else:
                await self._attempt(claimed)

    async def _hold_again(self, claimed: Claimed) -> None:
        account: Ref[Account] = Ref(ACCOUNT, claimed.invoice.customer_id)
        await self._change(claimed, lambda known, reads: attempts.hold_again(known, reads[account]), account)
        await self._entries.again(claimed.work, _AT_ONCE)

    async def _attempt(self, claimed: Claimed) -> None:
        letter = await self._letter(claimed)
        outcome = await self._mailer.deliver(letter, mark=partial(self._marked, claimed))
        metrics.mails(_NAMES[type(outcome)]).inc()
        _log.info("mail", invoice_id=claimed.work.id, outcome=_NAMES[type(outcome)], message_id=letter.message_id)
        await self._close(claimed, outcome)

    async def _marked(self, claimed: Claimed) -> bool:
        """The guarded write before DATA. Past the deadline nothing is sent: others may be asking the mail system."""
        account: Ref[Account] = Ref(ACCOUNT, claimed.invoice.customer_id)

        def rule(known: Invoice, reads: Reads) -> Step:
            return attempts.mark(known, claimed.attempt, reads[account])

        if time.monotonic() >= claimed.deadline:
            return False
        delivery = (await self._change(claimed, rule, account)).delivery
        ours = delivery.state is Sending.SENDING and delivery.mark == claimed.attempt.mark
        return ours and time.monotonic() < claimed.deadline

    async def _close(self, claimed: Claimed, outcome: Outcome) -> None:
        attempt = claimed.attempt
        match outcome:
            case Accepted(recipients):
                await self._learnt(claimed, lambda known: attempts.accepted(known, attempt, recipients))
            case TransientFailure("UNREACHABLE"):
                await self._entries.again(claimed.work, doubling(claimed.work.attempts, _AWAY_FIRST, _AWAY_MOST))
            case TransientFailure(code, detail):
                now = datetime.now(UTC)
                failed = partial(attempts.failed_for_now, attempt=attempt, code=code, detail=detail, now=now)
                due = (await self._learnt(claimed, failed)).delivery.due_at
                if due:
                    await self._engine.jobs.postpone(claimed.work, datetime.fromisoformat(due))
            case PermanentFailure(code, detail):
                await self._learnt(claimed, lambda known: attempts.failed_for_good(known, attempt, code, detail))
            case NotMarked():
                await self._entries.again(claimed.work, _AT_ONCE)
            case Unknown():
                await self._engine.jobs.postpone(claimed.work, datetime.fromisoformat(attempt.mark.until))

    async def _settle(self, work: Work, invoice: Invoice) -> None:
        """A mark without an outcome: the mail system is asked, once nobody can be writing to it any more."""
        delivery = invoice.delivery
        assert delivery.mark is not None  # noqa: S101 - whoever is sending has marked it
        until = datetime.fromisoformat(delivery.mark.until)
        if datetime.now(UTC) < until:
            await self._engine.jobs.postpone(work, until)
            return
        claimed = Claimed(
            work, invoice, Attempt(delivery.generation, delivery.to, delivery.cc, delivery.mark), time.monotonic()
        )
        try:
            taken = await self._log.taken(message_id(work.id, delivery.generation))
        except MailLogAway as error:
            _log.warning("the mail log gives no answer", invoice_id=work.id, error=error)
            await self._entries.again(work, _ASK_AGAIN)
            return
        rule = {True: attempts.accepted, False: attempts.not_taken, None: attempts.uncertain}[taken]
        _log.info("an attempt without an outcome was settled", invoice_id=work.id, outcome=rule.__name__)
        await self._learnt(claimed, lambda known: rule(known, claimed.attempt))
        await self._entries.again(work, _AT_ONCE)

    async def _learnt(self, claimed: Claimed, rule: Callable[[Invoice], Step]) -> Invoice:
        """What is known of a mail is kept at any price: a store that is away is waited for."""
        while True:
            try:
                return await self._change(claimed, lambda known, _reads: rule(known))
            except Unavailable as error:
                _log.warning("waiting", worker=DELIVER, error=error)

    async def _change(self, claimed: Claimed, rule: Callable[[Invoice, Reads], Step], *reads: Ref[Account]) -> Invoice:
        def decide(known: Invoice | None, found: Reads) -> Step:
            return rule(known or claimed.invoice, found)

        id, meta = claimed.work.id, work_meta(claimed.work.partner_id, DELIVER, claimed.work.cause)
        then = partial(follow, at=meta.stamp)
        change: Change[Invoice, InvoiceFact] = Change(INVOICE, id, decide, reads=reads, once=False, then=then)
        return (await self._engine.execute([change], meta)).state_of(INVOICE, id)

    async def _letter(self, claimed: Claimed) -> Letter:
        invoice, attempt = claimed.invoice, claimed.attempt
        settings = await self._engine.read(SETTINGS, invoice.partner_id)
        sender = settings.sender if settings else None
        seller = Seller(sender.name, sender.address) if sender else self._seller
        return Letter(
            message_id=message_id(invoice.invoice_id, attempt.generation),
            seller=seller,
            to=attempt.to,
            cc=attempt.cc,
            subject=f"Invoice {invoice.number} from {seller.name}",
            invoice=shown(invoice),
        )


_NAMES: Final = {
    Accepted: "accepted",
    TransientFailure: "transient",
    PermanentFailure: "permanent",
    Unknown: "unknown",
    NotMarked: "not_marked",
}


def _mark(work: Work) -> Mark:
    """Whose attempt this is: no two claims of one entry end at the same millisecond."""
    until = datetime.fromtimestamp(work.lease_until / 1000, UTC).isoformat()
    return Mark(f"{work.id}/{work.attempts}/{work.lease_until}", until)
