"""Numbers without gaps or doubles: drawn one after another, and remembered until their invoice has them.

All numbers of a partner, whatever their prefix, come from one sequence, so no two have the same place in it. Still two
may be written alike: place 1 after `INV-1` and later place 100,001 after `INV-` are both `INV-100001`. The earlier
prefix of such two always ends in a digit, so of those prefixes it is remembered what was given.
"""

from dataclasses import dataclass, replace

from invoice_svc.domain.invoice import Document, Invoice
from invoice_svc.domain.settings import Settings
from shared.engine.decision import Decision

_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Draw:
    """A number and the invoice it was drawn for; `at` is when, RFC 3339."""

    invoice_id: str
    number: str
    at: str


@dataclass(frozen=True, slots=True)
class Series:
    """Places given one after another under one prefix, from the first to the last."""

    prefix: str
    first: int
    last: int

    def beyond(self, number: str) -> int:
        """How far after this number the series ends; 0 where it is none of it."""
        written = number.removeprefix(self.prefix)
        if not number.startswith(self.prefix) or not _is_a_place(written):
            return 0
        return self.last - int(written) + 1 if self.first <= int(written) <= self.last else 0


@dataclass(frozen=True, slots=True)
class Counter:
    """One per partner. `drawn` holds the numbers that are on their way into their invoices, `series` those that could
    be met again under another prefix."""

    partner_id: str
    next: int = 1
    drawn: tuple[Draw, ...] = ()
    series: tuple[Series, ...] = ()

    def draw_for(self, invoice_id: str) -> Draw | None:
        return next((draw for draw in self.drawn if draw.invoice_id == invoice_id), None)


def draw(known: Counter | None, invoice: Invoice | None, settings: Settings, *, at: str) -> Decision[Counter, object]:
    """The next number for an invoice that is being finalised and has none; the one drawn before, if there is one.

    `invoice` must have been read after the counter: whoever finds no draw then also sees the number in the invoice.
    """
    counter = known or Counter(settings.partner_id)
    if invoice is None or invoice.document is not Document.FINALIZING or counter.draw_for(invoice.invoice_id):
        return Decision(counter)
    place = _free(counter, settings.number_prefix, max(counter.next, settings.next_number))
    drawn = Draw(invoice.invoice_id, _number(settings.number_prefix, place), at)
    series = _noted(counter.series, settings.number_prefix, place)
    return Decision(replace(counter, next=place + 1, drawn=(*counter.drawn, drawn), series=series))


def forget(counter: Counter, invoice_id: str) -> Decision[Counter, object]:
    """The invoice has its number."""
    left = tuple(draw for draw in counter.drawn if draw.invoice_id != invoice_id)
    return Decision(replace(counter, drawn=left)) if len(left) < len(counter.drawn) else Decision(counter)


def _number(prefix: str, place: int) -> str:
    return f"{prefix}{place:0{_DIGITS}d}"


def _is_a_place(written: str) -> bool:
    """Whether a place is written so: with zeros in front only up to five digits."""
    return written.isdecimal() and len(written) >= _DIGITS and (len(written) == _DIGITS or written[0] != "0")


def _free(counter: Counter, prefix: str, place: int) -> int:
    """The first place from this one on whose number was not given under another prefix. The numbers passed over are
    there, so none is missing."""
    others = [series for series in counter.series if series.prefix != prefix]
    while given := max((series.beyond(_number(prefix, place)) for series in others), default=0):
        place += given
    return place


def _noted(known: tuple[Series, ...], prefix: str, place: int) -> tuple[Series, ...]:
    """Most prefixes end in no digit: then there is nothing to remember."""
    if not prefix[-1:].isdigit():
        return known
    if known and (known[-1].prefix, known[-1].last) == (prefix, place - 1):
        return (*known[:-1], replace(known[-1], last=place))
    return (*known, Series(prefix, place, place))
