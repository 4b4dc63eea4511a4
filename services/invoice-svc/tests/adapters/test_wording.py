"""Terms, money and rates as a person reads them."""

import re
from contextlib import suppress
from decimal import Decimal

import pytest
from babel.numbers import list_currencies
from hypothesis import given
from hypothesis import strategies as st

from invoice_svc.adapters import wording
from shared.contracts.shapes import (
    DayOfMonth,
    DaysEndOfMonth,
    DueOnReceipt,
    EndOfMonth,
    Net,
    NetEndOfMonth,
    PaymentTerms,
)
from shared.values.errors import InvalidValue
from shared.values.money import currency_exponent

EXPONENTS = dict[str, int]()
for code in sorted(list_currencies()):
    with suppress(InvalidValue):
        EXPONENTS[code] = currency_exponent(code)


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        (DueOnReceipt(), "Due on receipt"),
        (Net(days=1), "Due 1 day after the invoice date"),
        (EndOfMonth(), "Due at the end of the month of the invoice"),
        (NetEndOfMonth(days=30), "Due 30 days after the end of the month of the invoice"),
        (DaysEndOfMonth(days=30), "Due at the end of the month that is reached 30 days after the invoice date"),
        (DayOfMonth(day=15), "Due on the 15th of the month after the invoice"),
        (DayOfMonth(day=1, months=0), "Due on the 1st of the month of the invoice"),
        (
            DayOfMonth(day=12, months=3, cutoff=20),
            "Due on the 12th of the 3rd month after the invoice, a month later if invoiced after the 20th",
        ),
        (None, ""),
    ],
)
def test_every_kind_of_terms_has_its_words(terms: PaymentTerms | None, words: str) -> None:
    assert wording.terms(terms) == words


@pytest.mark.parametrize(
    ("currency", "amount", "total", "unit"),
    [
        ("EUR", "1234.5", "€1,234.50", "€1,234.50"),
        ("AUD", "10.1255", "A$10.13", "A$10.1255"),
        ("JPY", "1000", "¥1,000", "¥1,000"),
        ("JPY", "0.25", "¥0", "¥0.25"),
        ("KWD", "1.5", "KWD\xa01.500", "KWD\xa01.500"),
        ("RSD", "100.5", "RSD\xa0100.50", "RSD\xa0100.50"),
        ("IQD", "1.234", "IQD\xa01.234", "IQD\xa01.234"),
    ],
)
def test_money_has_the_places_of_its_currency_and_a_unit_price_those_it_needs(
    currency: str, amount: str, total: str, unit: str
) -> None:
    assert wording.money(Decimal(amount), currency) == total
    assert wording.unit_price(Decimal(amount), currency) == unit


@given(st.sampled_from(sorted(EXPONENTS)), st.integers(0, 10**9))
def test_what_is_shown_is_what_is_owed_in_any_currency(currency: str, units: int) -> None:
    owed = Decimal(units).scaleb(-EXPONENTS[currency])

    shown = re.search(r"[0-9][0-9.,]*", wording.money(owed, currency))

    assert shown is not None
    assert Decimal(shown.group().replace(",", "")) == owed


def test_rates_are_fractions_shown_in_per_cent() -> None:
    assert wording.rate(Decimal("0.09975")) == "9.975%"
    assert wording.rate(Decimal(0)) == "0%"
