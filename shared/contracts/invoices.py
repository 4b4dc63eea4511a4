"""The messages of invoice-svc: what others ask of invoices, and what happened to them."""

from pydantic import Field, StrictBool

from shared.contracts.base import Command, Event, Shape
from shared.contracts.forms import (
    Amount,
    CurrencyCode,
    Day,
    Description,
    Id,
    Quantity,
    TaxRate,
    Text,
    UnitPrice,
    Version,
)
from shared.contracts.invoice_shapes import Invoice, Reason
from shared.contracts.shapes import PaymentTerms


class NewLine(Shape):
    """`tax_rate` is a fraction: `"0.1"` is 10 %."""

    description: Description
    quantity: Quantity
    unit_price: UnitPrice
    tax_rate: TaxRate


class CreateInvoice(Command):
    """`customer_version`: wait until at least that version is known. `send` implies `finalize`."""

    customer_id: Id
    invoice_id: Id | None = None
    currency: CurrencyCode
    lines: tuple[NewLine, ...] = Field(min_length=1, max_length=500)
    issue_date: Day | None = None
    payment_terms: PaymentTerms | None = None
    customer_version: Version | None = None
    finalize: StrictBool = False
    send: StrictBool = False


class InvoiceCommand(Command):
    """What is asked of one invoice."""

    customer_id: Id
    invoice_id: Id


class FinalizeInvoice(InvoiceCommand):
    pass


class DiscardInvoice(InvoiceCommand):
    pass


class VoidInvoice(InvoiceCommand):
    pass


class CancelDelivery(InvoiceCommand):
    pass


class HoldInvoice(InvoiceCommand):
    pass


class ReleaseInvoice(InvoiceCommand):
    pass


class SendInvoice(InvoiceCommand):
    """What was sent, delivered or uncertain goes again only with `resend`."""

    resend: StrictBool = False


class RecordPayment(InvoiceCommand):
    amount: Amount
    paid_on: Day
    reference: Text | None = None


class InvoiceEvent(Event):
    """Carries the whole invoice."""

    invoice: Invoice

    @property
    def tenant(self) -> str:
        return self.invoice.partner_id


class InvoiceCreated(InvoiceEvent):
    pass


class InvoiceTermsFixed(InvoiceEvent):
    """A draft that waited for its customer has its terms and due date; nothing was asked for beyond that."""


class InvoiceFinalized(InvoiceEvent):
    pass


class InvoiceQueued(InvoiceEvent):
    pass


class InvoiceDeliveryCancelled(InvoiceEvent):
    pass


class InvoiceDiscarded(InvoiceEvent):
    pass


class InvoiceVoided(InvoiceEvent):
    pass


class InvoicePaymentRecorded(InvoiceEvent):
    pass


class InvoicePaid(InvoiceEvent):
    pass


class InvoiceOverdue(InvoiceEvent):
    pass


class InvoiceSendBlocked(InvoiceEvent):
    """All reasons that hold; said again when the set changes."""

    reasons: tuple[Reason, ...]


class InvoiceReleased(InvoiceEvent):
    """The last reason is gone; the invoice is queued by itself."""

    cleared: tuple[Reason, ...]


class InvoiceSent(InvoiceEvent):
    """The mail server accepted the message."""

    to: tuple[str, ...]
    message_id: str


class InvoiceDeliveryFailed(InvoiceEvent):
    code: str
    detail: str
    permanent: bool


class InvoiceBounced(InvoiceEvent):
    code: str
    detail: str
    permanent: bool


class InvoiceDeliveryUncertain(InvoiceEvent):
    """Whether the mail went out cannot be known; SendInvoice with `resend` sends it again."""

    message_id: str
