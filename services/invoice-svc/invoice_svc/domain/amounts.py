"""What an invoice's lines come to: each line rounded, the tax per rate, and a total that is their sum."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from shared.engine.decision import refuse
from shared.values.errors import InvalidValue
from shared.values.money import currency_exponent, exact_product, largest_remainder, round_half_up


@dataclass(frozen=True, slots=True)
class Item:
    """A line as it is asked for. `tax_rate` is a fraction: 0.1 is 10 %."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    tax_rate: Decimal


@dataclass(frozen=True, slots=True)
class Line:
    line_id: str
    description: str
    quantity: Decimal
    unit_price: Decimal
    tax_rate: Decimal
    net: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Amounts:
    lines: tuple[Line, ...]
    subtotal: Decimal
    tax: Decimal
    total: Decimal


def amounts(items: Sequence[Item], currency: str) -> Amounts:
    """Line nets are rounded half up, away from zero; tax is that of each rate's sum of nets, rounded once and spread
    over its lines by largest remainder. Refuses an unknown currency and a total below zero."""
    exponent = exponent_of(currency)
    nets = [round_half_up(exact_product(item.quantity, item.unit_price), exponent) for item in items]
    taxes = _taxes(items, nets, exponent)
    lines = tuple(
        Line(str(at), item.description, item.quantity, item.unit_price, item.tax_rate, net, tax)
        for at, (item, net, tax) in enumerate(zip(items, nets, taxes, strict=True), start=1)
    )
    subtotal, tax = sum(nets, zero(exponent)), sum(taxes, zero(exponent))
    if subtotal + tax < 0:
        raise refuse("/lines", "INVALID", "the total of an invoice cannot be below zero; bill the credit another way")
    return Amounts(lines, subtotal, tax, subtotal + tax)


def exponent_of(currency: str) -> int:
    """How many decimals the currency has; refuses what is no currency."""
    try:
        return currency_exponent(currency)
    except InvalidValue as error:
        raise refuse("/currency", error.code, error.detail) from None


def zero(exponent: int) -> Decimal:
    """No money, written as the currency is: `0.00`."""
    return Decimal(0).scaleb(-exponent)


def _taxes(items: Sequence[Item], nets: Sequence[Decimal], exponent: int) -> list[Decimal]:
    by_rate: defaultdict[Decimal, list[int]] = defaultdict(list)
    for at, item in enumerate(items):
        by_rate[item.tax_rate].append(at)
    taxes = [zero(exponent)] * len(items)
    for rate, places in by_rate.items():
        weights = [nets[at] for at in places]
        whole = round_half_up(exact_product(sum(weights, Decimal(0)), rate), exponent)
        for at, share in zip(places, largest_remainder(whole, weights, exponent), strict=True):
            taxes[at] = share
    return taxes
