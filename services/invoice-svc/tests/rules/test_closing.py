"""What may be discarded, voided and paid, and when an invoice is overdue."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from invoice_svc.domain.closing import discard, void
from invoice_svc.domain.facts import (
    InvoiceDeliveryCancelled,
    InvoiceOverdue,
    InvoicePaid,
    InvoicePaymentRecorded,
    InvoiceVoided,
)
from invoice_svc.domain.invoice import Invoice, Paid, Received, Sending
from invoice_svc.domain.paying import MOST_PAYMENTS, grow_overdue, overdue_from, record_payment
from shared.engine.decision import Refused

from .invoices import a_draft, an_invoice, code


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
