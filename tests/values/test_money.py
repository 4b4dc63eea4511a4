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
    largest_remainder,
    money_text,
    parse_decimal,
    round_half_up,
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
    ("total", "weights", "shares"),
    [
        ("10.24", ["89.00", "13.41"], ["8.90", "1.34"]),
        ("0.10", ["1", "1", "1"], ["0.04", "0.03", "0.03"]),
        ("-0.10", ["1", "1", "1"], ["-0.04", "-0.03", "-0.03"]),
        ("0.01", ["0", "5"], ["0.00", "0.01"]),
        ("5.00", ["0", "0"], ["5.00", "0.00"]),
        ("9.00", ["100", "-10"], ["10.00", "-1.00"]),
    ],
)
def test_a_total_is_spread_by_the_largest_remainder(total: str, weights: list[str], shares: list[str]) -> None:
    found = largest_remainder(Decimal(total), [Decimal(weight) for weight in weights], 2)

    assert [format(share, "f") for share in found] == shares


def test_nothing_is_spread_over_nobody() -> None:
    assert largest_remainder(Decimal(5), [], 2) == ()


@given(
    st.decimals(-(10**9), 10**9, places=2),
    st.lists(st.decimals(0, 10**9, places=4), min_size=1, max_size=40),
    exponents,
)
def test_shares_sum_to_the_total_and_each_is_within_one_unit_of_its_own(
    total: Decimal, weights: list[Decimal], exponent: int
) -> None:
    shares = largest_remainder(total, weights, exponent)
    rounded, whole = round_half_up(total, exponent), sum(map(Fraction, weights))

    assert sum(shares) == rounded
    if whole:
        for share, weight in zip(shares, weights, strict=True):
            assert abs(Fraction(share) - Fraction(rounded) * Fraction(weight) / whole) < Fraction(1, 10**exponent)


@given(st.decimals(-(10**6), 10**6, places=2), st.lists(st.decimals(-1000, 1000, places=2), min_size=1, max_size=20))
def test_shares_sum_to_the_total_with_credits_too(total: Decimal, weights: list[Decimal]) -> None:
    assert sum(largest_remainder(total, weights, 2)) == total


@given(st.decimals(0, 10**6, places=2), st.integers(1, 30))
def test_of_equal_weights_the_first_get_the_odd_units(total: Decimal, count: int) -> None:
    shares = largest_remainder(total, [Decimal(1)] * count, 2)

    assert list(shares) == sorted(shares, reverse=True)
    assert max(shares) - min(shares) <= Decimal("0.01")
