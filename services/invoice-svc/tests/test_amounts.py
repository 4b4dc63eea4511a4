"""What lines come to: exact, rounded where it is said, and summing up."""

from collections import defaultdict
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_svc.domain.amounts import Item, amounts
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


items = st.builds(
    Item,
    st.just("Internet"),
    st.decimals(0, 1000, places=3),
    st.decimals(0, 10_000, places=4),
    st.sampled_from([Decimal("0"), Decimal("0.1"), Decimal("0.10"), Decimal("0.09975"), Decimal("1")]),
)


@given(st.lists(items, min_size=1, max_size=30), st.sampled_from(["AUD", "JPY", "KWD"]))
def test_what_is_shown_adds_up(items: list[Item], currency: str) -> None:
    found = amounts(items, currency)

    assert found.subtotal == sum(line.net for line in found.lines)
    assert found.tax == sum(line.tax for line in found.lines)
    assert found.total == found.subtotal + found.tax


@given(st.lists(items, min_size=1, max_size=30))
def test_each_rates_tax_is_rounded_once(items: list[Item]) -> None:
    nets: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    taxes: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    for line in amounts(items, "AUD").lines:
        nets[line.tax_rate] += line.net
        taxes[line.tax_rate] += line.tax

    assert all(taxes[rate] == round_half_up(net * rate, 2) for rate, net in nets.items())
