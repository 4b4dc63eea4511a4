"""Numbers without gaps or doubles: drawn one after another, and remembered until their invoice has them."""

from dataclasses import dataclass, replace

from invoice_svc.domain.invoice import Document, Invoice
from invoice_svc.domain.settings import Settings
from shared.engine.decision import Decision


@dataclass(frozen=True, slots=True)
class Draw:
    """A number and the invoice it was drawn for; `at` is when, RFC 3339."""

    invoice_id: str
    number: str
    at: str


@dataclass(frozen=True, slots=True)
class Counter:
    """One per partner. `drawn` holds the numbers that are on their way into their invoices."""

    partner_id: str
    next: int = 1
    drawn: tuple[Draw, ...] = ()

    def draw_for(self, invoice_id: str) -> Draw | None:
        return next((draw for draw in self.drawn if draw.invoice_id == invoice_id), None)


def draw(known: Counter | None, invoice: Invoice | None, settings: Settings, *, at: str) -> Decision[Counter, object]:
    """The next number for an invoice that is being finalised and has none; the one drawn before, if there is one.

    `invoice` must have been read after the counter: whoever finds no draw then also sees the number in the invoice.
    """
    counter = known or Counter(settings.partner_id)
    if invoice is None or invoice.document is not Document.FINALIZING or counter.draw_for(invoice.invoice_id):
        return Decision(counter)
    place = max(counter.next, settings.next_number)
    drawn = Draw(invoice.invoice_id, f"{settings.number_prefix}{place:05d}", at)
    return Decision(replace(counter, next=place + 1, drawn=(*counter.drawn, drawn)))


def forget(counter: Counter, invoice_id: str) -> Decision[Counter, object]:
    """The invoice has its number."""
    left = tuple(draw for draw in counter.drawn if draw.invoice_id != invoice_id)
    return Decision(replace(counter, drawn=left)) if len(left) < len(counter.drawn) else Decision(counter)
