"""The ledger reckons due dates by itself: published examples of each kind of terms, and terms that are broken."""

from datetime import date
from typing import Any

import pytest

from tests.faults.ledger.asked import Asked
from tests.faults.ledger.audit import Evidence, audit
from tests.faults.ledger.due import due
from tests.faults.ledger.planted import Break, Planted, in_every_invoice, rules_named_after
from tests.faults.ledger.story_of_one import EMAIL, ID, INVOICE, TERMS, an_event
from tests.faults.ledger.whole_story import all_was_kept

PLANTED = Planted()
breaks = PLANTED.breaks


def day_of_month(day: int, months: int, cutoff: int | None = None) -> dict[str, Any]:
    return {"kind": "day_of_month", "day": day, "months": months, "cutoff": cutoff}


@pytest.mark.parametrize(
    ("terms", "issued", "expected"),
    [
        ({"kind": "due_on_receipt"}, "2026-08-13", "2026-08-13"),
        ({"kind": "net", "days": 30}, "2027-01-31", "2027-03-02"),
        ({"kind": "end_of_month"}, "2028-02-03", "2028-02-29"),
        ({"kind": "net_end_of_month", "days": 30}, "2028-01-30", "2028-03-01"),
        ({"kind": "days_end_of_month", "days": 30}, "2028-01-30", "2028-02-29"),
        (day_of_month(31, 1), "2027-01-31", "2027-02-28"),
        (day_of_month(13, 0), "2026-08-13", "2026-08-13"),
        (day_of_month(3, 0), "2026-08-13", "2026-09-03"),
        (day_of_month(12, 1, cutoff=20), "2026-08-21", "2026-10-12"),
        (day_of_month(20, 1), "2026-12-31", "2027-01-20"),
    ],
)
def test_due_dates_are_reckoned_as_published(terms: dict[str, Any], issued: str, expected: str) -> None:
    assert due(terms, date.fromisoformat(issued)) == date.fromisoformat(expected)


@breaks("an invoice is due by its terms")
def a_day_too_late(seen: Evidence) -> None:
    in_every_invoice(seen, due_date="2026-12-21")


@breaks("an invoice has its customer's terms")
def terms_of_a_later_version(seen: Evidence) -> None:
    in_every_invoice(seen, payment_terms=TERMS, terms_source="customer", due_date="2026-11-27")


@breaks("an invoice has its customer's terms")
def the_partners_terms_though_the_customer_has_some(seen: Evidence) -> None:
    in_every_invoice(seen, customer={"version": 3, "company_name": "n2", "email": EMAIL})


@breaks("an invoice has its customer's terms")
def its_own_terms_disregarded(seen: Evidence) -> None:
    seen.asked["make"].sets["payment_terms"] = TERMS


@breaks("an invoice waits for the version it names")
def an_older_version_than_was_named(seen: Evidence) -> None:
    seen.asked["make"].sets["customer_version"] = 3


@breaks("an invoice says what was asked")
def another_day_of_issue(seen: Evidence) -> None:
    seen.asked["make"].sets["issue_date"] = "2026-11-21"


@breaks("terms stay as they were fixed")
def terms_that_changed_later(seen: Evidence) -> None:
    state = {**seen.invoices[-1].state, "payment_terms": TERMS, "due_date": "2026-11-27"}
    seen.invoices[-1] = an_event(4, "InvoicePaymentRecorded", "pay", state)


@breaks("what is past its day is told to be overdue")
def an_invoice_that_is_overdue_and_not_told_to_be(seen: Evidence) -> None:
    in_every_invoice(seen, issue_date="2026-10-01", due_date="2026-10-31")


@pytest.mark.parametrize(("rule", "plant"), PLANTED.values(), ids=PLANTED)
def test_a_broken_promise_is_named(rule: str, plant: Break) -> None:
    assert rule in rules_named_after(plant)


def test_a_draft_may_have_the_terms_of_a_version_before_the_one_it_shows() -> None:
    seen = all_was_kept()
    seen.asked["make"].sets["send"] = False
    wish = {"invoice_id": INVOICE, "send": True}
    seen.asked["send"] = Asked("send", "SendInvoice", "http", ID, wish, began=9.1, ended=9.2, status=200)
    in_every_invoice(seen, customer={"version": 3, "company_name": "n2", "email": EMAIL})

    assert audit(seen) == []
