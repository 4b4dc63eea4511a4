"""What may be done with an invoice in which state, rule by rule."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from invoice_svc.domain.account import Account, Reason, blocks, call_release, know, released
from invoice_svc.domain.amounts import Item
from invoice_svc.domain.attempts import recipients
from invoice_svc.domain.closing import discard, void
from invoice_svc.domain.delivering import cancel, send
from invoice_svc.domain.drafting import Order, create, finalize, give_number, review
from invoice_svc.domain.explaining import explain
from invoice_svc.domain.facts import (
    InvoiceCreated,
    InvoiceDeliveryCancelled,
    InvoiceFinalized,
    InvoiceOverdue,
    InvoicePaid,
    InvoicePaymentRecorded,
    InvoiceQueued,
    InvoiceReleased,
    InvoiceSendBlocked,
    InvoiceTermsFixed,
    InvoiceVoided,
)
from invoice_svc.domain.holding import hold, release
from invoice_svc.domain.invoice import Document, Invoice, Paid, Received, Sending, Wishes
from invoice_svc.domain.paying import MOST_PAYMENTS, grow_overdue, overdue_from, record_payment
from invoice_svc.domain.settings import Settings, put_settings
from invoice_svc.domain.terms import DueOnReceipt, EndOfMonth, Net
from shared.engine.decision import Refused

NOW = datetime(2026, 7, 15, 12, tzinfo=UTC)
SETTINGS = Settings("p")
ACCOUNT = Account("c", "p", 1, "active", "Riverside Dental", email="accounts@riverside.example")
WITHOUT = replace(ACCOUNT, email=None)


def an_order(*, price: str = "100", **wishes: Any) -> Order:
    item = Item("Internet", Decimal(1), Decimal(price), Decimal("0.1"))
    return Order("i", "p", "c", "AUD", [item], Wishes(**wishes))


def a_draft(account: Account | None = ACCOUNT, **wishes: Any) -> Invoice:
    return create(None, an_order(**wishes), account, SETTINGS, now=NOW).state


def an_invoice(*, state: Sending = Sending.NOT_REQUESTED, reasons: tuple[Reason, ...] = ()) -> Invoice:
    finalized = give_number(a_draft(finalize=True), "INV-00001", ACCOUNT).state
    return replace(finalized, delivery=replace(finalized.delivery, state=state, reasons=reasons))


def code(refused: Any) -> str:
    return str(refused.value.problems[0].code)


class TestDrafting:
    def test_the_issue_date_is_today_where_the_partner_is(self) -> None:
        late = datetime(2026, 7, 15, 23, tzinfo=UTC)
        settings = Settings("p", time_zone="Australia/Sydney")

        assert create(None, an_order(), ACCOUNT, settings, now=late).state.issue_date == date(2026, 7, 16)

    def test_the_invoices_own_terms_count_first(self) -> None:
        draft = a_draft(replace(ACCOUNT, payment_terms=Net(7)), payment_terms=DueOnReceipt())

        assert (draft.terms_source, draft.due_date) == ("invoice", date(2026, 7, 15))

    def test_the_customers_terms_count_before_the_partners(self) -> None:
        draft = a_draft(replace(ACCOUNT, payment_terms=EndOfMonth()))

        assert (draft.terms_source, draft.due_date) == ("customer", date(2026, 7, 31))

    def test_zero_days_are_terms_and_not_none(self) -> None:
        assert a_draft(replace(ACCOUNT, payment_terms=Net(0))).terms_source == "customer"

    def test_a_customer_without_terms_has_the_partners(self) -> None:
        draft = a_draft()

        assert (draft.terms_source, draft.due_date) == ("partner", date(2026, 8, 14))
        assert draft.terms_version == SETTINGS.told_version == 1

    def test_terms_that_change_later_leave_a_draft_alone(self) -> None:
        changed = replace(ACCOUNT, payment_terms=Net(7), customer_version=2)

        assert review(a_draft(), changed, SETTINGS).state == a_draft()
        assert finalize(a_draft(), changed, SETTINGS).state.due_date == date(2026, 8, 14)

    def test_without_its_customer_nothing_is_fixed(self) -> None:
        draft = a_draft(None, payment_terms=Net(7))

        assert (draft.payment_terms, draft.terms_source, draft.due_date, draft.waiting) == (None, None, None, True)

    def test_what_waits_and_should_be_sent_is_held_and_says_so(self) -> None:
        decision = create(None, an_order(finalize=True, send=True), None, SETTINGS, now=NOW)

        assert decision.state.delivery.state is Sending.HELD
        assert decision.facts == (InvoiceCreated(), InvoiceSendBlocked((Reason.CUSTOMER_UNKNOWN,)))

    def test_a_plain_draft_says_only_that_it_was_created(self) -> None:
        assert create(None, an_order(), ACCOUNT, SETTINGS, now=NOW).facts == (InvoiceCreated(),)

    def test_the_customer_that_comes_fixes_the_terms(self) -> None:
        assert review(a_draft(None), ACCOUNT, SETTINGS).facts == (InvoiceTermsFixed(),)

    def test_an_archived_customer_is_not_billed(self) -> None:
        with pytest.raises(Refused) as refused:
            a_draft(replace(ACCOUNT, status="archived"))

        assert code(refused) == "CONFLICT_WITH_STATE"

    def test_a_wait_that_ends_at_an_archived_customer_ends_in_a_refusal(self) -> None:
        waits = a_draft(None, send=True, finalize=True)

        decision = review(waits, replace(ACCOUNT, status="archived"), SETTINGS)

        assert decision.state.document is Document.DISCARDED

    def test_a_draft_that_was_made_before_its_customer_was_archived_stays(self) -> None:
        draft = a_draft()

        assert review(draft, replace(ACCOUNT, status="archived"), SETTINGS).state is draft

    def test_a_newer_version_may_yet_say_that_the_customer_is_enabled_again(self) -> None:
        waits = a_draft(None, customer_version=9)

        assert review(waits, replace(ACCOUNT, status="archived"), SETTINGS).state is waits

    def test_finalising_freezes_the_customer_as_it_is(self) -> None:
        frozen = a_draft(finalize=True)

        assert frozen.document is Document.FINALIZING
        assert frozen.customer is not None
        assert frozen.customer.email == ACCOUNT.email

    def test_a_number_is_given_once(self) -> None:
        numbered = an_invoice()

        assert give_number(numbered, "INV-00002", ACCOUNT).state is numbered

    def test_nothing_to_pay_is_paid(self) -> None:
        free = create(None, an_order(price="0", finalize=True), ACCOUNT, SETTINGS, now=NOW).state

        decision = give_number(free, "INV-00001", ACCOUNT)

        assert decision.facts == (InvoiceFinalized(), InvoicePaid())

    @pytest.mark.parametrize("document", [Document.VOIDED, Document.DISCARDED])
    def test_what_was_taken_back_is_not_finalised(self, document: Document) -> None:
        with pytest.raises(Refused):
            finalize(replace(a_draft(), document=document), ACCOUNT, SETTINGS)


class TestSending:
    def test_a_draft_is_finalised_by_it(self) -> None:
        decision = send(a_draft(), ACCOUNT, SETTINGS, resend=False)

        assert (decision.state.document, decision.state.wishes.send) == (Document.FINALIZING, True)

    @pytest.mark.parametrize("state", [Sending.NOT_REQUESTED, Sending.CANCELLED, Sending.FAILED, Sending.BOUNCED])
    def test_what_is_not_on_its_way_is_queued(self, state: Sending) -> None:
        decision = send(an_invoice(state=state), ACCOUNT, SETTINGS, resend=False)

        assert (decision.state.delivery.state, decision.facts) == (Sending.QUEUED, (InvoiceQueued(),))

    @pytest.mark.parametrize("resend", [True, False])
    @pytest.mark.parametrize("state", [Sending.QUEUED, Sending.HELD, Sending.SENDING])
    def test_what_is_on_its_way_stays_as_it_is(self, state: Sending, resend: bool) -> None:
        invoice = an_invoice(state=state)

        assert send(invoice, ACCOUNT, SETTINGS, resend=resend).state is invoice

    @pytest.mark.parametrize("state", [Sending.SENT, Sending.DELIVERED, Sending.UNCERTAIN])
    def test_what_went_out_goes_again_only_with_resend_and_as_a_new_mail(self, state: Sending) -> None:
        invoice = an_invoice(state=state)

        assert send(invoice, ACCOUNT, SETTINGS, resend=False).state is invoice
        again = send(invoice, ACCOUNT, SETTINGS, resend=True).state
        assert (again.delivery.state, again.delivery.generation) == (Sending.QUEUED, 2)

    @pytest.mark.parametrize("document", [Document.VOIDED, Document.DISCARDED])
    def test_what_was_taken_back_is_not_sent(self, document: Document) -> None:
        with pytest.raises(Refused):
            send(replace(an_invoice(), document=document), ACCOUNT, SETTINGS, resend=False)

    def test_every_reason_is_listed(self) -> None:
        by_hand = hold(an_invoice()).state
        disabled = replace(WITHOUT, status="disabled")

        decision = send(by_hand, disabled, SETTINGS, resend=False)

        reasons = (Reason.CUSTOMER_DISABLED, Reason.EMAIL_MISSING, Reason.MANUAL_HOLD)
        assert decision.facts == (InvoiceSendBlocked(reasons),)
        assert decision.state.delivery.reasons == reasons

    def test_a_copy_to_the_address_itself_is_not_sent(self) -> None:
        account = replace(ACCOUNT, cc=("Accounts@riverside.example", "boss@riverside.example"))

        assert recipients(account) == (("accounts@riverside.example",), ("boss@riverside.example",))

    def test_an_address_that_cannot_be_mailed_to_holds(self) -> None:
        assert blocks(replace(ACCOUNT, email="no address")) == (Reason.EMAIL_INVALID,)


class TestHolding:
    def test_the_last_reason_to_clear_queues_the_invoice_once(self) -> None:
        held = an_invoice(state=Sending.HELD, reasons=(Reason.EMAIL_MISSING,))

        decision = review(held, ACCOUNT, SETTINGS)

        assert decision.state.delivery.state is Sending.QUEUED
        assert decision.facts == (InvoiceReleased((Reason.EMAIL_MISSING,)),)
        assert review(decision.state, ACCOUNT, SETTINGS).state is decision.state

    def test_a_reason_that_changes_is_said_again(self) -> None:
        held = an_invoice(state=Sending.HELD, reasons=(Reason.CUSTOMER_DISABLED, Reason.EMAIL_MISSING))

        assert review(held, WITHOUT, SETTINGS).facts == (InvoiceSendBlocked((Reason.EMAIL_MISSING,)),)

    def test_a_hold_that_stays_as_it_is_says_nothing(self) -> None:
        held = an_invoice(state=Sending.HELD, reasons=(Reason.EMAIL_MISSING,))

        assert review(held, WITHOUT, SETTINGS).state is held

    def test_a_hold_by_hand_outlasts_the_address(self) -> None:
        held = an_invoice(state=Sending.HELD, reasons=(Reason.EMAIL_MISSING, Reason.MANUAL_HOLD))

        decision = review(held, ACCOUNT, SETTINGS)

        assert decision.state.delivery.reasons == (Reason.MANUAL_HOLD,)

    def test_releasing_by_hand_queues_it(self) -> None:
        held = hold(an_invoice(state=Sending.QUEUED)).state

        assert release(held, ACCOUNT).facts == (InvoiceReleased((Reason.MANUAL_HOLD,)),)

    def test_what_is_not_held_by_hand_is_not_released_by_hand(self) -> None:
        with pytest.raises(Refused) as refused:
            release(an_invoice(state=Sending.HELD, reasons=(Reason.EMAIL_MISSING,)), WITHOUT)

        assert code(refused) == "CONFLICT_WITH_STATE"

    def test_a_hold_before_anybody_asked_to_send_ends_without_sending(self) -> None:
        held = hold(an_invoice()).state

        decision = release(held, ACCOUNT)

        assert (decision.state.delivery.state, decision.facts) == (Sending.NOT_REQUESTED, (InvoiceSendBlocked(()),))

    @pytest.mark.parametrize("state", [Sending.SENDING, Sending.SENT, Sending.UNCERTAIN])
    def test_it_can_be_too_late_to_hold(self, state: Sending) -> None:
        with pytest.raises(Refused):
            hold(an_invoice(state=state))

    def test_holding_twice_is_holding_once(self) -> None:
        held = hold(an_invoice(state=Sending.QUEUED)).state

        assert hold(held).state is held


class TestCancelling:
    @pytest.mark.parametrize("state", [Sending.QUEUED, Sending.HELD])
    def test_what_waits_is_called_off(self, state: Sending) -> None:
        decision = cancel(an_invoice(state=state))

        assert (decision.state.delivery.state, decision.facts) == (Sending.CANCELLED, (InvoiceDeliveryCancelled(),))

    @pytest.mark.parametrize("state", [Sending.NOT_REQUESTED, Sending.SENDING, Sending.SENT, Sending.FAILED])
    def test_what_is_gone_or_was_never_asked_for_is_not(self, state: Sending) -> None:
        with pytest.raises(Refused):
            cancel(an_invoice(state=state))

    def test_a_delivery_called_off_while_the_number_is_drawn_is_not_begun(self) -> None:
        cancelled = cancel(a_draft(finalize=True, send=True)).state

        decision = give_number(cancelled, "INV-00001", ACCOUNT)

        assert (decision.state.delivery.state, decision.facts) == (Sending.CANCELLED, (InvoiceFinalized(),))


class TestClosing:
    def test_a_draft_is_discarded(self) -> None:
        assert discard(a_draft(None, finalize=True, send=True)).state.delivery.state is Sending.CANCELLED

    @pytest.mark.parametrize("invoice", [a_draft(finalize=True), an_invoice()])
    def test_what_has_or_draws_a_number_is_not_discarded(self, invoice: Invoice) -> None:
        with pytest.raises(Refused):
            discard(invoice)

    def test_voiding_calls_off_what_waits(self) -> None:
        decision = void(an_invoice(state=Sending.QUEUED))

        assert decision.facts == (InvoiceDeliveryCancelled(), InvoiceVoided())
        assert decision.state.number == "INV-00001"

    @pytest.mark.parametrize("invoice", [a_draft(), a_draft(finalize=True)])
    def test_what_has_no_number_is_not_voided(self, invoice: Invoice) -> None:
        with pytest.raises(Refused):
            void(invoice)

    def test_what_was_paid_is_not_voided(self) -> None:
        paid = record_payment(an_invoice(), Received(Decimal(1), date(2026, 7, 20))).state

        with pytest.raises(Refused):
            void(paid)


class TestPaying:
    def test_parts_add_up_to_paid(self) -> None:
        first = record_payment(an_invoice(), Received(Decimal("10.5"), date(2026, 7, 20)))
        second = record_payment(first.state, Received(Decimal("99.50"), date(2026, 7, 21)))

        assert (first.state.payment.state, first.facts) == (Paid.PARTIALLY_PAID, (InvoicePaymentRecorded(),))
        assert second.facts == (InvoicePaymentRecorded(), InvoicePaid())
        assert second.state.balance == 0

    def test_more_than_is_open_is_refused(self) -> None:
        with pytest.raises(Refused) as refused:
            record_payment(an_invoice(), Received(Decimal("110.01"), date(2026, 7, 20)))

        assert code(refused) == "OVERPAYMENT"

    def test_fractions_of_a_cent_are_refused(self) -> None:
        with pytest.raises(Refused) as refused:
            record_payment(an_invoice(), Received(Decimal("0.001"), date(2026, 7, 20)))

        assert refused.value.problems[0].pointer == "/amount"

    def test_a_draft_takes_no_payment(self) -> None:
        with pytest.raises(Refused):
            record_payment(a_draft(), Received(Decimal(1), date(2026, 7, 20)))

    def test_an_invoice_takes_so_many_payments(self) -> None:
        received = Received(Decimal("0.01"), date(2026, 7, 20))
        full = an_invoice()
        full = replace(full, payment=replace(full.payment, payments=(received,) * MOST_PAYMENTS))

        with pytest.raises(Refused):
            record_payment(full, received)

    def test_the_due_day_itself_is_not_overdue_where_the_partner_is(self) -> None:
        invoice = replace(an_invoice(), time_zone="Australia/Sydney", due_date=date(2026, 8, 14))
        moment = overdue_from(date(2026, 8, 14), "Australia/Sydney")

        assert moment.astimezone(UTC) == datetime(2026, 8, 14, 14, tzinfo=UTC)
        assert grow_overdue(invoice, now=datetime(2026, 8, 14, 13, 59, tzinfo=UTC)).state is invoice
        overdue = grow_overdue(invoice, now=moment)
        assert overdue.facts == (InvoiceOverdue(),)
        assert grow_overdue(overdue.state, now=moment).facts == ()

    def test_what_is_paid_does_not_grow_overdue(self) -> None:
        paid = record_payment(an_invoice(), Received(Decimal(110), date(2026, 7, 20))).state

        assert grow_overdue(paid, now=datetime(2027, 1, 1, tzinfo=UTC)).facts == ()


class TestKnowing:
    def test_what_makes_a_customer_sendable_sets_what_is_due(self) -> None:
        assert know(WITHOUT, replace(ACCOUNT, customer_version=2)).state.release_due == 2

    def test_another_name_sets_nothing(self) -> None:
        renamed = replace(ACCOUNT, customer_version=2, company_name="Riverside")

        assert know(ACCOUNT, renamed).state.release_due is None

    def test_what_is_due_stays_due_through_later_versions(self) -> None:
        due = know(WITHOUT, replace(ACCOUNT, customer_version=2)).state
        renamed = replace(ACCOUNT, customer_version=3, company_name="Riverside")

        assert know(due, renamed).state.release_due == 2

    def test_only_the_version_that_was_looked_at_is_cleared(self) -> None:
        due = call_release(ACCOUNT, 5)

        assert released(due.state, 4).state is due.state
        assert released(due.state, 5).state.release_due is None


class TestSettling:
    def test_the_same_settings_again_change_nothing(self) -> None:
        known = replace(SETTINGS, version=3, created_at="a", updated_at="b")

        assert put_settings(known, SETTINGS, expected=4).state is known

    def test_an_old_version_is_refused(self) -> None:
        with pytest.raises(Refused) as refused:
            put_settings(None, SETTINGS, expected=2)

        assert code(refused) == "VERSION_MISMATCH"

    @pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", ""])
    def test_what_is_no_zone_is_refused(self, zone: str) -> None:
        with pytest.raises(Refused) as refused:
            put_settings(None, replace(SETTINGS, time_zone=zone), expected=None)

        assert refused.value.problems[0].pointer == "/time_zone"


class TestExplaining:
    def test_a_due_date_tells_inputs_rule_and_each_step(self) -> None:
        due = explain(a_draft(), ACCOUNT).due

        assert due is not None
        assert (due.issue_date, due.terms_source, due.due_date) == (date(2026, 7, 15), "partner", date(2026, 8, 14))
        assert [step.date for step in due.steps] == [date(2026, 7, 15), date(2026, 8, 14)]

    def test_a_hold_tells_each_reason_and_what_clears_it(self) -> None:
        held = an_invoice(state=Sending.HELD, reasons=(Reason.EMAIL_MISSING, Reason.MANUAL_HOLD))

        found = explain(held, WITHOUT).delivery

        assert [reason.code for reason in found.reasons] == [Reason.EMAIL_MISSING, Reason.MANUAL_HOLD]
        assert found.customer_version == 1

    def test_what_waits_has_no_due_date_yet(self) -> None:
        assert explain(a_draft(None), None).due is None
