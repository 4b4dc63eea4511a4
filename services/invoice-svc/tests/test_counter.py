"""No number is given twice to one partner, and none is left out, whatever prefixes it has had."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_svc.domain.account import Account
from invoice_svc.domain.amounts import Item
from invoice_svc.domain.counter import Counter, draw, forget
from invoice_svc.domain.drafting import Order, create
from invoice_svc.domain.invoice import Wishes
from invoice_svc.domain.settings import Settings

AT: Final = "2026-07-01T00:00:00Z"
FINALIZING: Final = create(
    None,
    Order("i", "p", "c", "AUD", [Item("Internet", Decimal(1), Decimal(100), Decimal("0.1"))], Wishes(finalize=True)),
    Account("c", "p", 1, "active", "Riverside Dental", email="accounts@riverside.example"),
    Settings("p"),
    now=datetime(2026, 7, 1, tzinfo=UTC),
).state


class Partner:
    """Draws, under whatever prefix it has just then; each number is in its invoice before the next is drawn."""

    def __init__(self) -> None:
        self.counter: Counter | None = None
        self.numbers: list[str] = []

    def draws(self, prefix: str, *, at_least: int = 1, times: int = 1) -> list[str]:
        settings = Settings("p", number_prefix=prefix, next_number=at_least)
        for _ in range(times):
            counter = draw(self.counter, FINALIZING, settings, at=AT).state
            self.numbers.append(counter.drawn[0].number)
            self.counter = forget(counter, FINALIZING.invoice_id).state
        return self.numbers[-times:]


def test_a_prefix_that_goes_on_where_the_digits_of_another_began_meets_no_number_of_it() -> None:
    partner = Partner()
    partner.draws("INV-1", times=3)

    assert partner.draws("INV-", at_least=100_000, times=3) == ["INV-100000", "INV-100004", "INV-100005"]
    assert partner.numbers[:3] == ["INV-100001", "INV-100002", "INV-100003"]


@pytest.mark.parametrize("prefixes", [("INV-", "2027-"), ("2026-", "2027-"), ("2026/", "2027/"), ("A", "B")])
def test_a_new_year_or_another_prefix_goes_on_in_the_one_sequence_and_leaves_nothing_to_remember(
    prefixes: tuple[str, str],
) -> None:
    partner = Partner()
    old, new = prefixes

    assert partner.draws(old, times=2) + partner.draws(new, times=2) == [
        f"{old}00001",
        f"{old}00002",
        f"{new}00003",
        f"{new}00004",
    ]
    assert partner.counter is not None
    assert partner.counter.series == ()


PREFIXES: Final = ("", "1", "10", "INV-", "INV-1", "INV-10", "INV-100", "INV-0", "2026", "20", "202600")
PLACES: Final = st.sampled_from((1, 1, 1, 99_998, 100_001, 1_000_001, 10_000_001, 202_600_001, 260_000_001))


@given(st.lists(st.tuples(st.sampled_from(PREFIXES), PLACES, st.integers(1, 4)), max_size=8))
def test_no_number_is_given_twice_whatever_prefixes_and_places_are_chosen(turns: list[Any]) -> None:
    partner = Partner()
    for prefix, at_least, times in turns:
        partner.draws(prefix, at_least=at_least, times=times)

    assert len(set(partner.numbers)) == len(partner.numbers)


@given(st.lists(st.tuples(st.sampled_from(PREFIXES), st.integers(1, 4)), max_size=8))
def test_what_is_passed_over_was_given_under_another_prefix(turns: list[Any]) -> None:
    """So of all numbers that begin alike none is missing between two that were given one after the other."""
    partner = Partner()
    partner.draws("INV-", at_least=99_999)
    for prefix, times in turns:
        for _ in range(times):
            before = partner.counter.next if partner.counter else 1
            [number] = partner.draws(prefix)
            passed = range(before, int(number.removeprefix(prefix)))
            assert {f"{prefix}{place:05d}" for place in passed} <= set(partner.numbers)
