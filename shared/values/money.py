"""Money in exact decimals: the currency's exponent, rounding away from zero, and shares that sum up."""

import re
from collections.abc import Iterable, Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from functools import cache, reduce
from typing import Final

from shared.values.errors import InvalidValue

_WRITTEN: Final = re.compile(r"-?\d{1,18}(?:\.\d{1,10})?", re.ASCII)
_EXACT: Final = Context(prec=60)
"""Wide enough for every product of two amounts, so that only the rounding that is named rounds."""

_EXPONENTS: Final = dict.fromkeys(
    (
        *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"),
        *("RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"),
    ),
    0,
) | dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)
"""ISO 4217's minor units where they are not 2. The CLDR's are what is in use in shops: none for RSD, which has two."""


def parse_decimal(raw: str) -> Decimal:
    """A number written out, such as `"10.00"`. Raises `InvalidValue` with DECIMAL_INVALID."""
    if not _WRITTEN.fullmatch(raw):
        raise InvalidValue("DECIMAL_INVALID", 'must be a decimal number such as "10.00"')
    return Decimal(raw)


@cache
def currency_exponent(currency: str) -> int:
    """How many decimals the currency has: 2 for EUR, 0 for JPY.

    Raises `InvalidValue` with CURRENCY_UNKNOWN for what is no country's money today: DEM, XAU, XXX.
    """
    if currency not in _currencies():
        raise InvalidValue("CURRENCY_UNKNOWN", "must be an ISO 4217 code of three letters, such as AUD")
    return _EXPONENTS.get(currency, 2)


@cache
def _currencies() -> frozenset[str]:
    from babel.core import get_global  # noqa: PLC0415 - loads the CLDR

    periods = (period for country in dict(get_global("territory_currencies")).values() for period in country)
    return frozenset(code for code, _, end, is_tender in periods if end is None and is_tender)


def round_half_up(amount: Decimal, exponent: int) -> Decimal:
    """To `exponent` decimals, halves away from zero: 0.005 is 0.01, -0.005 is -0.01. Never negative zero."""
    return _unsigned_zero(amount.quantize(Decimal(1).scaleb(-exponent), ROUND_HALF_UP, _EXACT))


def exact_product(left: Decimal, right: Decimal) -> Decimal:
    """The product of two amounts, unrounded."""
    return _EXACT.multiply(left, right)


def money_text(amount: Decimal, exponent: int) -> str:
    """An amount as it is published: `"10.00"`."""
    return format(round_half_up(amount, exponent), "f")


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """The sum of amounts, unrounded, of any length."""
    return reduce(_EXACT.add, amounts, Decimal(0))


def rounded_to_their_sum(shares: Sequence[Decimal], exponent: int) -> tuple[Decimal, ...]:
    """Exact shares rounded so that they add up to their own sum, rounded half up: the largest remainder.

    Each is rounded down or up by less than one unit; who was cut most gets a unit first, and of equals the first.
    Credits among the shares are rounded by the same rule, and credits alone are the mirror image of charges.
    """
    whole = exact_sum(shares)
    if whole < 0:
        mirrored = rounded_to_their_sum([share.copy_negate() for share in shares], exponent)
        return tuple(_unsigned_zero(share.copy_negate()) for share in mirrored)
    unit = Decimal(1).scaleb(-exponent)
    found = [share.quantize(unit, ROUND_FLOOR, _EXACT) for share in shares]
    left = int((round_half_up(whole, exponent) - exact_sum(found)) / unit)
    by_cut = sorted(range(len(shares)), key=lambda at: found[at] - shares[at])
    for at in by_cut[:left]:
        found[at] += unit
    return tuple(_unsigned_zero(share) for share in found)


def _unsigned_zero(amount: Decimal) -> Decimal:
    return amount if amount else abs(amount)
