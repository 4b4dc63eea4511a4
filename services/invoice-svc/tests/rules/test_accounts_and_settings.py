"""What is known of a customer and of its partner, and what an invoice explains by it."""

from dataclasses import replace
from datetime import date

import pytest

from invoice_svc.domain.account import Reason, call_release, know, released
from invoice_svc.domain.explaining import explain
from invoice_svc.domain.invoice import Sending
from invoice_svc.domain.settings import put_settings
from shared.engine.decision import Refused

from .invoices import ACCOUNT, SETTINGS, WITHOUT, a_draft, an_invoice, code


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
