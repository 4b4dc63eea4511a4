"""What lines come to: exact, rounded where it is said, and summing up."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from invoice_svc.domain.amounts import Amounts, Item, amounts
from shared.engine.decision import Refused
from shared.values.money import round_half_up


def an_item(quantity: str = "1", price: str = "100", rate: str = "0.1") -> Item:
    return Item("Internet", Decimal(quantity), Decimal(price), Decimal(rate))


def test_the_check_value_of_the_field() -> None:
    assert amounts([an_item(price="8180", rate="0.09975")], "CAD").tax == Decimal("815.96")


def test_a_half_is_rounded_away_from_zero_on_each_line() -> None:
    found = amounts([an_item("1", "0.005", "0"), an_item("1", "-0.005", "0"), an_item(price="10", rate="0")], "AUD")

    assert [line.net for line in found.lines] == [Decimal("0.01"), Decimal("-0.01"), Decimal("10.00")]


def test_tax_is_that_of_the_rates_sum_and_spread_over_its_lines() -> None:
    found = amounts([an_item(price="0.33")] * 3, "AUD")

    assert found.tax == Decimal("0.10")
    assert [line.tax for line in found.lines] == [Decimal("0.04"), Decimal("0.03"), Decimal("0.03")]


def test_yen_have_no_decimals() -> None:
    assert str(amounts([an_item(price="100.5", rate="0")], "JPY").total) == "101"


def test_what_is_no_currency_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        amounts([an_item()], "ZZZ")

    assert refused.value.problems[0].pointer == "/currency"


def test_a_total_below_zero_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        amounts([an_item(price="-1")], "AUD")

    assert refused.value.problems[0].pointer == "/lines"


@pytest.mark.parametrize(("quantity", "price"), [("999999999999", "999999999999"), ("1000000", "-1000000")])
def test_a_line_too_large_to_be_told_is_refused_by_its_place(quantity: str, price: str) -> None:
    with pytest.raises(Refused) as refused:
        amounts([an_item(), an_item(quantity, price)], "AUD")

    assert [problem.pointer for problem in refused.value.problems] == ["/lines/1"]


@pytest.mark.parametrize("count", [1, 2])
def test_a_total_too_large_to_be_told_is_refused(count: int) -> None:
    with pytest.raises(Refused) as refused:
        amounts([an_item(price="950000000000")] * count, "AUD")

    assert refused.value.problems[0].pointer == "/lines"


def test_a_credit_takes_back_its_own_tax_and_leaves_the_other_lines_theirs() -> None:
    found = amounts([an_item(price="1000.00"), an_item(price="-999.95")], "AUD")

    assert [str(line.tax) for line in found.lines] == ["100.00", "-99.99"]
    assert str(found.tax) == "0.01"


charges = st.builds(
    Item,
    st.just("Internet"),
    st.decimals(0, 1000, places=3),
    st.decimals(0, 10_000, places=4),
    st.sampled_from([Decimal("0"), Decimal("0.1"), Decimal("0.10"), Decimal("0.09975"), Decimal("1")]),
)
credits = charges.map(lambda item: replace(item, unit_price=-item.unit_price / 10))
items = charges | credits


def not_below_zero(items: list[Item], currency: str) -> Amounts:
    try:
        return amounts(items, currency)
    except Refused:
        reject()


@given(st.lists(items, min_size=1, max_size=30), st.sampled_from([("AUD", 2), ("JPY", 0), ("KWD", 3)]))
def test_each_lines_tax_is_its_own_but_for_less_than_a_unit(items: list[Item], currency: tuple[str, int]) -> None:
    for line in not_below_zero(items, currency[0]).lines:
        assert abs(Fraction(line.tax) - Fraction(line.net) * Fraction(line.tax_rate)) < Fraction(1, 10 ** currency[1])


@given(st.lists(items, min_size=1, max_size=30), st.sampled_from(["AUD", "JPY", "KWD"]))
def test_what_is_shown_adds_up(items: list[Item], currency: str) -> None:
    found = not_below_zero(items, currency)

    assert found.subtotal == sum(line.net for line in found.lines)
    assert found.tax == sum(line.tax for line in found.lines)
    assert found.total == found.subtotal + found.tax


@given(st.lists(items, min_size=1, max_size=30))
def test_each_rates_tax_is_rounded_once(items: list[Item]) -> None:
    nets: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    taxes: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    for line in not_below_zero(items, "AUD").lines:
        nets[line.tax_rate] += line.net
        taxes[line.tax_rate] += line.tax

    assert all(taxes[rate] == round_half_up(net * rate, 2) for rate, net in nets.items())
