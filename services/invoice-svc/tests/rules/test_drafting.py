"""A draft, and when it becomes an invoice with terms and a number."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from invoice_svc.domain.account import Reason
from invoice_svc.domain.drafting import create, finalize, give_number, review
from invoice_svc.domain.facts import (
    InvoiceCreated,
    InvoiceFinalized,
    InvoicePaid,
    InvoiceSendBlocked,
    InvoiceTermsFixed,
)
from invoice_svc.domain.invoice import Document, Sending
from invoice_svc.domain.settings import Settings
from invoice_svc.domain.terms import DueOnReceipt, EndOfMonth, Net
from shared.engine.decision import Refused

from .invoices import ACCOUNT, NOW, SETTINGS, a_draft, an_invoice, an_order, code


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
