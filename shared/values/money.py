"""Money in exact decimals: the currency's exponent, rounding away from zero, and shares that sum up."""

import re
from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from functools import cache
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
    found = amount.quantize(Decimal(1).scaleb(-exponent), ROUND_HALF_UP, _EXACT)
    return found if found else abs(found)


def exact_product(left: Decimal, right: Decimal) -> Decimal:
    """The product of two amounts, unrounded."""
    return _EXACT.multiply(left, right)


def money_text(amount: Decimal, exponent: int) -> str:
    """An amount as it is published: `"10.00"`."""
    return format(round_half_up(amount, exponent), "f")


def largest_remainder(total: Decimal, weights: Sequence[Decimal], exponent: int) -> tuple[Decimal, ...]:
    """Spread `total`, rounded to `exponent` decimals, over the weights so that the shares sum to it exactly.

    Each share is the exact one rounded down or up by one unit; who was cut most gets a unit first, and of equals the
    first. Weights may be negative where their sum is not zero; if all are zero, the first takes everything.
    """
    if not weights:
        return ()
    unit, total = Decimal(1).scaleb(-exponent), round_half_up(total, exponent)
    whole = sum(weights, Decimal(0))
    if not whole:
        return (total, *(Decimal(0).quantize(unit) for _ in weights[1:]))
    exact = [_EXACT.divide(_EXACT.multiply(total, weight), whole) for weight in weights]
    shares = [share.quantize(unit, ROUND_DOWN, _EXACT) for share in exact]
    left = int((total - sum(shares, Decimal(0))) / unit)
    step = unit if left > 0 else -unit
    by_cut = sorted(range(len(weights)), key=lambda at: (exact[at] - shares[at]) * (-1 if left > 0 else 1))
    for at in by_cut[: abs(left)]:
        shares[at] += step
    return tuple(share if share else abs(share) for share in shares)
