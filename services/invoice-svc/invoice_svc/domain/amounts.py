"""What an invoice's lines come to: each line rounded, the tax per rate, and a total that is their sum."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from shared.engine.decision import Problem, Refused, refuse
from shared.values.errors import InvalidValue
from shared.values.money import currency_exponent, exact_product, round_half_up, rounded_to_their_sum

BEYOND: Final = Decimal(10) ** 12
"""Messages have amounts of at most twelve digits before the point: what comes to more could not be told."""


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
    over its lines by largest remainder. Refuses an unknown currency, what is too large, and a total below zero."""
    exponent = exponent_of(currency)
    nets = _nets(items, exponent)
    taxes = _taxes(items, nets, exponent)
    lines = tuple(
        Line(str(at), item.description, item.quantity, item.unit_price, item.tax_rate, net, tax)
        for at, (item, net, tax) in enumerate(zip(items, nets, taxes, strict=True), start=1)
    )
    subtotal, tax = sum(nets, zero(exponent)), sum(taxes, zero(exponent))
    if subtotal + tax < 0:
        raise refuse("/lines", "INVALID", "the total of an invoice cannot be below zero; bill the credit another way")
    if max(subtotal, subtotal + tax) >= BEYOND:
        raise refuse("/lines", "INVALID", f"an invoice comes to less than {BEYOND:,f}; make several")
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


def _nets(items: Sequence[Item], exponent: int) -> list[Decimal]:
    nets = [round_half_up(exact_product(item.quantity, item.unit_price), exponent) for item in items]
    large = [at for at, net in enumerate(nets) if abs(net) >= BEYOND]
    if large:
        raise Refused(*(Problem(f"/lines/{at}", "INVALID", f"a line comes to less than {BEYOND:,f}") for at in large))
    return nets


def _taxes(items: Sequence[Item], nets: Sequence[Decimal], exponent: int) -> list[Decimal]:
    by_rate: defaultdict[Decimal, list[int]] = defaultdict(list)
    for at, item in enumerate(items):
        by_rate[item.tax_rate].append(at)
    taxes = [zero(exponent)] * len(items)
    for rate, places in by_rate.items():
        exact = [exact_product(nets[at], rate) for at in places]
        for at, tax in zip(places, rounded_to_their_sum(exact, exponent), strict=True):
            taxes[at] = tax
    return taxes
