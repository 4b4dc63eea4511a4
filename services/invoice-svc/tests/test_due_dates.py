"""When an invoice is due, by each of the six kinds of terms."""

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_svc.domain.terms import (
    DayOfMonth,
    DaysEndOfMonth,
    DueOnReceipt,
    EndOfMonth,
    Net,
    NetEndOfMonth,
    PaymentTerms,
    due_date,
    reckon,
)

VECTORS: list[tuple[str, PaymentTerms, str]] = [
    ("2026-07-15", DueOnReceipt(), "2026-07-15"),
    ("2026-07-15", Net(30), "2026-08-14"),
    ("2026-07-15", EndOfMonth(), "2026-07-31"),
    ("2026-07-15", NetEndOfMonth(30), "2026-08-30"),
    ("2026-07-15", DaysEndOfMonth(30), "2026-08-31"),
    ("2026-07-15", DayOfMonth(15), "2026-08-15"),
    ("2027-01-01", Net(30), "2027-01-31"),
    ("2027-01-31", Net(30), "2027-03-02"),
    ("2027-01-31", DayOfMonth(31), "2027-02-28"),
    ("2028-01-31", DayOfMonth(31), "2028-02-29"),
    ("2026-08-13", DayOfMonth(3, months=0), "2026-09-03"),
    ("2026-08-13", DayOfMonth(13, months=0), "2026-08-13"),
    ("2026-08-21", DayOfMonth(12, months=1, cutoff=20), "2026-10-12"),
    ("2026-08-21", DayOfMonth(12, months=3, cutoff=20), "2026-12-12"),
    ("2026-01-01", DayOfMonth(30, cutoff=5), "2026-02-28"),
    ("2028-01-30", NetEndOfMonth(30), "2028-03-01"),
    ("2028-01-30", DaysEndOfMonth(30), "2028-02-29"),
    ("2026-12-31", DayOfMonth(20), "2027-01-20"),
]

days = st.integers(0, 999)
day_of_month = st.integers(1, 31)
some_terms = st.one_of(
    st.just(DueOnReceipt()),
    st.builds(Net, days),
    st.just(EndOfMonth()),
    st.builds(NetEndOfMonth, days),
    st.builds(DaysEndOfMonth, days),
    st.builds(DayOfMonth, day_of_month, st.integers(0, 99), st.none() | day_of_month),
)
some_day = st.dates(date(1970, 1, 1), date(2999, 12, 31))


@pytest.mark.parametrize(("issued", "terms", "due"), VECTORS)
def test_the_vectors_of_the_field(issued: str, terms: PaymentTerms, due: str) -> None:
    assert due_date(terms, date.fromisoformat(issued)) == date.fromisoformat(due)


@given(some_terms, some_day)
def test_nothing_is_due_before_it_is_issued(terms: PaymentTerms, issued: date) -> None:
    assert due_date(terms, issued) >= issued


@given(some_terms, some_day)
def test_an_invoice_of_the_next_day_is_never_due_earlier(terms: PaymentTerms, issued: date) -> None:
    assert due_date(terms, issued + timedelta(days=1)) >= due_date(terms, issued)


@given(st.builds(DayOfMonth, day_of_month, st.integers(0, 99), st.none() | day_of_month), some_day)
def test_a_day_that_the_month_does_not_have_becomes_its_last(terms: DayOfMonth, issued: date) -> None:
    due = due_date(terms, issued)

    assert due.day == min(terms.day, monthrange(due.year, due.month)[1])


@given(some_terms, some_day)
def test_the_steps_lead_from_the_issue_date_to_the_due_date(terms: PaymentTerms, issued: date) -> None:
    steps = reckon(terms, issued)

    assert (steps[0].date, steps[-1].date) == (issued, due_date(terms, issued))
    assert all(step.rule for step in steps)
