"""What may be sent, held, released and called off in which state."""

from dataclasses import replace

import pytest

from invoice_svc.domain.account import Reason, blocks
from invoice_svc.domain.attempts import recipients
from invoice_svc.domain.delivering import cancel, send
from invoice_svc.domain.drafting import give_number, review
from invoice_svc.domain.facts import (
    InvoiceDeliveryCancelled,
    InvoiceFinalized,
    InvoiceQueued,
    InvoiceReleased,
    InvoiceSendBlocked,
)
from invoice_svc.domain.holding import hold, release
from invoice_svc.domain.invoice import Document, Sending
from shared.engine.decision import Refused

from .invoices import ACCOUNT, SETTINGS, WITHOUT, a_draft, an_invoice, code


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
