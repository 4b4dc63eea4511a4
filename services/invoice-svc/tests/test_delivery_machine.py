"""A delivery under any order of commands, attempts, deaths and late answers: at most one mail per generation is out
without anybody having asked the mail system, and no state is without a way on."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from invoice_svc.aggregates import INVOICE
from invoice_svc.domain import attempts
from invoice_svc.domain.account import Account
from invoice_svc.domain.amounts import Item
from invoice_svc.domain.attempts import Attempt
from invoice_svc.domain.closing import void
from invoice_svc.domain.delivering import cancel, send
from invoice_svc.domain.drafting import Order, create, give_number, review
from invoice_svc.domain.facts import InvoiceFact, InvoiceSent
from invoice_svc.domain.holding import hold, release
from invoice_svc.domain.invoice import Document, Invoice, Mark, Sending, Wishes
from invoice_svc.domain.settings import Settings
from shared.engine.decision import Decision, Refused

NOW = datetime(2026, 7, 15, 12, tzinfo=UTC)
SETTINGS = Settings("p")
SENDABLE = Account("c", "p", 1, "active", "Riverside Dental", email="accounts@riverside.example")


def an_invoice() -> Invoice:
    item = Item("Internet", Decimal(1), Decimal(100), Decimal("0.1"))
    order = Order("i", "p", "c", "AUD", [item], Wishes(finalize=True, send=True))
    return give_number(create(None, order, SENDABLE, SETTINGS, now=NOW).state, "INV-00001", SENDABLE).state


class Delivery(RuleBasedStateMachine):
    """`taken`: generations in the mail system; `marked`: attempts that may yet hand their mail over."""

    def __init__(self) -> None:
        super().__init__()
        self.invoice, self.account = an_invoice(), SENDABLE
        self.taken: list[int] = []
        self.sent: list[str] = []
        self.marked: list[Attempt] = []
        self.attempts = 0

    def decide(self, decision: Decision[Invoice, InvoiceFact]) -> None:
        before = self.invoice
        self.invoice = decision.state
        self.sent += [fact.message_id for fact in decision.facts if isinstance(fact, InvoiceSent)]
        if decision.facts:
            assert self.invoice != before, "what is said is a change"

    @rule(sendable=st.booleans())
    def the_customer_changes(self, sendable: bool) -> None:
        version = self.account.customer_version + 1
        email = SENDABLE.email if sendable else None
        self.account = replace(self.account, customer_version=version, email=email)
        self.decide(review(self.invoice, self.account, SETTINGS))

    @rule(resend=st.booleans())
    def somebody_sends(self, resend: bool) -> None:
        self.or_refused(lambda: send(self.invoice, self.account, SETTINGS, resend=resend))

    @rule()
    def somebody_holds(self) -> None:
        self.or_refused(lambda: hold(self.invoice))

    @rule()
    def somebody_releases(self) -> None:
        self.or_refused(lambda: release(self.invoice, self.account))

    @rule()
    def somebody_cancels(self) -> None:
        self.or_refused(lambda: cancel(self.invoice))

    @rule()
    def somebody_voids(self) -> None:
        self.or_refused(lambda: void(self.invoice))

    @rule()
    def a_worker_marks(self) -> None:
        to, cc = attempts.recipients(self.account)
        self.attempts += 1
        mark = Mark(str(self.attempts), "2026-07-15T12:00:30+00:00")
        attempt = Attempt(self.invoice.delivery.generation, to, cc, mark)
        self.decide(attempts.mark(self.invoice, attempt, self.account))
        if self.invoice.delivery.mark == mark:
            assert self.account.email is not None
            self.marked.append(attempt)

    @precondition(lambda self: self.marked)
    @rule(answer=st.sampled_from(["accepted", "transient", "permanent", "dies before", "dies after"]))
    def the_marked_attempt_ends(self, answer: str) -> None:
        attempt = self.marked.pop()
        if answer in ("accepted", "dies after"):
            self.taken.append(attempt.generation)
        if answer == "accepted":
            self.decide(attempts.accepted(self.invoice, attempt))
        if answer == "transient":
            self.decide(attempts.failed_for_now(self.invoice, attempt, "MAIL_REFUSED", "451", now=NOW))
        if answer == "permanent":
            self.decide(attempts.failed_for_good(self.invoice, attempt, "MAIL_REFUSED", "550"))

    @precondition(lambda self: self.invoice.delivery.state is Sending.SENDING and not self.marked)
    @rule(can_be_asked=st.booleans())
    def the_lease_runs_out(self, can_be_asked: bool) -> None:
        delivery = self.invoice.delivery
        assert delivery.mark is not None
        attempt = Attempt(delivery.generation, delivery.to, delivery.cc, delivery.mark)
        if not can_be_asked:
            self.decide(attempts.uncertain(self.invoice, attempt))
        elif delivery.generation in self.taken:
            self.decide(attempts.accepted(self.invoice, attempt))
        else:
            self.decide(attempts.not_taken(self.invoice, attempt))

    def or_refused(self, decide: Callable[[], Decision[Invoice, InvoiceFact]]) -> None:
        """A refusal leaves everything as it is."""
        with contextlib.suppress(Refused):
            self.decide(decide())

    @invariant()
    def no_mail_is_sent_twice(self) -> None:
        assert len(self.taken) == len(set(self.taken))
        assert len(self.sent) == len(set(self.sent))

    @invariant()
    def what_is_on_its_way_has_work(self) -> None:
        assert INVOICE.work is not None
        jobs = {due.job for due in INVOICE.work(self.invoice)}
        state = self.invoice.delivery.state
        assert ("deliver" in jobs) == (state in (Sending.QUEUED, Sending.SENDING))
        assert ("held" in jobs) == (state is Sending.HELD)

    @invariant()
    def only_an_attempt_under_way_has_a_mark(self) -> None:
        delivery = self.invoice.delivery
        assert (delivery.mark is not None) == (delivery.state is Sending.SENDING)
        assert bool(delivery.reasons) or delivery.state is not Sending.HELD

    @invariant()
    def what_was_voided_does_not_wait_to_be_sent(self) -> None:
        waits = self.invoice.delivery.state in (Sending.QUEUED, Sending.HELD)
        assert self.invoice.document is Document.FINALIZED or not waits

    @invariant()
    def it_is_stored_as_it_is(self) -> None:
        stored = INVOICE.adapter.dump_python(self.invoice, mode="json")
        assert INVOICE.adapter.validate_python(stored) == self.invoice


TestDelivery = Delivery.TestCase
TestDelivery.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
