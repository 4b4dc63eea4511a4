"""Money: exponents, rounding, and shares that sum up."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.values.errors import InvalidValue
from shared.values.money import (
    currency_exponent,
    exact_product,
    exact_sum,
    money_text,
    parse_decimal,
    round_half_up,
    rounded_to_their_sum,
)

amounts = st.decimals(-(10**12), 10**12, places=6)
exponents = st.sampled_from([0, 2, 3])


@pytest.mark.parametrize(("currency", "exponent"), [("AUD", 2), ("EUR", 2), ("JPY", 0), ("KWD", 3), ("RSD", 2)])
def test_a_currency_has_the_standard_s_decimals(currency: str, exponent: int) -> None:
    assert currency_exponent(currency) == exponent


@pytest.mark.parametrize("currency", ["", "aud", "AU", "XXX", "XAU", "DEM", "ABC"])
def test_what_is_nobody_s_money_is_refused(currency: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        currency_exponent(currency)

    assert caught.value.code == "CURRENCY_UNKNOWN"


@pytest.mark.parametrize(
    ("amount", "exponent", "text"),
    [
        ("0.005", 2, "0.01"),
        ("-0.005", 2, "-0.01"),
        ("0.0049999", 2, "0.00"),
        ("-0.004", 2, "0.00"),
        ("2.5", 0, "3"),
        ("-2.5", 0, "-3"),
        ("1E+3", 2, "1000.00"),
        ("10", 3, "10.000"),
        ("999999999999.995", 2, "1000000000000.00"),
    ],
)
def test_halves_are_rounded_away_from_zero(amount: str, exponent: int, text: str) -> None:
    assert money_text(Decimal(amount), exponent) == text


def test_the_reference_s_tax_comes_out() -> None:
    assert money_text(exact_product(Decimal(8180), Decimal("0.09975")), 2) == "815.96"


@given(amounts, exponents)
def test_rounding_moves_by_half_a_unit_at_most_and_is_symmetric(amount: Decimal, exponent: int) -> None:
    found = round_half_up(amount, exponent)

    assert abs(Fraction(found) - Fraction(amount)) <= Fraction(1, 2 * 10**exponent)
    assert round_half_up(-amount, exponent) == -found
    assert round_half_up(found, exponent) == found
    assert not (found.is_signed() and found == 0)


@given(amounts, amounts)
def test_a_product_is_exact(left: Decimal, right: Decimal) -> None:
    assert Fraction(exact_product(left, right)) == Fraction(left) * Fraction(right)


@given(amounts)
def test_what_is_written_is_read_again(amount: Decimal) -> None:
    assert parse_decimal(money_text(amount, 6)) == amount


@pytest.mark.parametrize("raw", ["", "1e3", " 1", "1,5", "NaN", "Infinity", ".5", "1.", "+1", "1_000", "١", "9" * 19])
def test_what_is_no_written_number_is_refused(raw: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse_decimal(raw)

    assert caught.value.code == "DECIMAL_INVALID"


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        (["8.9", "1.341"], ["8.90", "1.34"]),
        (["0.033", "0.033", "0.033"], ["0.04", "0.03", "0.03"]),
        (["-0.033", "-0.033", "-0.033"], ["-0.04", "-0.03", "-0.03"]),
        (["0", "0.005"], ["0.00", "0.01"]),
        (["0", "-0"], ["0.00", "0.00"]),
        (["100", "-99.995"], ["100.00", "-99.99"]),
        (["0.335", "-0.335"], ["0.34", "-0.34"]),
        (["815.955"], ["815.96"]),
    ],
)
def test_shares_are_rounded_by_the_largest_remainder(exact: list[str], rounded: list[str]) -> None:
    found = rounded_to_their_sum([Decimal(share) for share in exact], 2)

    assert [format(share, "f") for share in found] == rounded


def test_nothing_is_shared_by_nobody() -> None:
    assert rounded_to_their_sum([], 2) == ()


@given(st.lists(st.decimals(-(10**12), 10**12, places=8), max_size=40), exponents)
def test_shares_add_up_and_each_is_less_than_a_unit_from_what_it_is(exact: list[Decimal], exponent: int) -> None:
    """With credits among them too: a line's share is its own, whatever the others come to."""
    found = rounded_to_their_sum(exact, exponent)

    assert exact_sum(found) == round_half_up(exact_sum(exact), exponent)
    for share, was in zip(found, exact, strict=True):
        assert abs(Fraction(share) - Fraction(was)) < Fraction(1, 10**exponent)
        assert not (share.is_signed() and share == 0)


@given(st.lists(st.decimals(0, 10**6, places=5), min_size=1, max_size=20), exponents)
def test_a_credit_note_mirrors_its_invoice(exact: list[Decimal], exponent: int) -> None:
    charged = rounded_to_their_sum(exact, exponent)
    credited = rounded_to_their_sum([share.copy_negate() for share in exact], exponent)

    assert [share.copy_abs() for share in credited] == list(charged)


@given(st.decimals(0, 10**6, places=5), st.integers(1, 30))
def test_of_equal_shares_the_first_get_the_odd_units(share: Decimal, count: int) -> None:
    found = rounded_to_their_sum([share] * count, 2)

    assert list(found) == sorted(found, reverse=True)
    assert max(found) - min(found) <= Decimal("0.01")


@given(st.lists(st.decimals(-(10**25), 10**25, places=10), max_size=20))
def test_a_sum_is_exact(terms: list[Decimal]) -> None:
    assert Fraction(exact_sum(terms)) == sum(map(Fraction, terms))
