"""How an invoice is worded for the person who pays it: money, days and payment terms in English."""

from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_symbol

from shared.contracts.shapes import (
    DayOfMonth,
    DaysEndOfMonth,
    DueOnReceipt,
    EndOfMonth,
    Net,
    NetEndOfMonth,
    PaymentTerms,
)
from shared.values.money import currency_exponent

_LOCALE = "en"
_UNIT_PRICE_PLACES = 4


def money(amount: Decimal, currency: str) -> str:
    return _with_currency(amount, currency, optional_places=0)


def unit_price(amount: Decimal, currency: str) -> str:
    """With as many places as the price has, at least those of its currency and at most four."""
    return _with_currency(amount, currency, optional_places=_UNIT_PRICE_PLACES - currency_exponent(currency))


def quantity(amount: Decimal) -> str:
    return format_decimal(amount, format="#,##0.######", locale=_LOCALE)


def rate(fraction: Decimal) -> str:
    return format_percent(fraction, format="#,##0.####%", locale=_LOCALE)


def day(value: date) -> str:
    return format_date(value, format="d MMMM y", locale=_LOCALE)


def terms(agreed: PaymentTerms | None) -> str:
    """The payment terms as a sentence without a full stop; empty while there are none."""
    return "" if agreed is None else f"Due {_when(agreed)}"


def _with_currency(amount: Decimal, currency: str, *, optional_places: int) -> str:
    """`€1.00`, and `KWD 1.000` where there is no symbol but letters, with the decimals that amounts are rounded to: the
    CLDR knows fewer for a dozen currencies, and would show a total as another one."""
    space = "\xa0" if get_currency_symbol(currency, locale=_LOCALE)[-1].isalpha() else ""
    fraction = "0" * currency_exponent(currency) + "#" * optional_places
    pattern = f"¤{space}#,##0.{fraction}".rstrip(".")
    return format_currency(amount, currency, format=pattern, locale=_LOCALE, currency_digits=False)


def _when(agreed: PaymentTerms) -> str:
    match agreed:
        case DueOnReceipt():
            return "on receipt"
        case Net():
            return f"{_days(agreed.days)} after the invoice date"
        case EndOfMonth():
            return "at the end of the month of the invoice"
        case NetEndOfMonth():
            return f"{_days(agreed.days)} after the end of the month of the invoice"
        case DaysEndOfMonth():
            return f"at the end of the month that is reached {_days(agreed.days)} after the invoice date"
        case DayOfMonth():
            return _day_of_month(agreed)


def _day_of_month(agreed: DayOfMonth) -> str:
    months = {0: "the month of the invoice", 1: "the month after the invoice"}
    month = months.get(agreed.months, f"the {_ordinal(agreed.months)} month after the invoice")
    cutoff = "" if agreed.cutoff is None else f", a month later if invoiced after the {_ordinal(agreed.cutoff)}"
    return f"on the {_ordinal(agreed.day)} of {month}{cutoff}"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
