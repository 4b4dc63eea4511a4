"""An invoice as its events and the routes show it."""

from datetime import date
from typing import Literal

from shared.contracts.base import Shape
from shared.contracts.forms import (
    SaidDecimal,
    SaidId,
    SaidTime,
)
from shared.contracts.shapes import Address, PaymentTerms

Reason = Literal[
    "EMAIL_MISSING",
    "EMAIL_INVALID",
    "EMAIL_HARD_BOUNCED",
    "CUSTOMER_UNKNOWN",
    "CUSTOMER_DISABLED",
    "SENDER_NOT_VERIFIED",
    "MANUAL_HOLD",
]


class Delivery(Shape):
    state: Literal[
        "not_requested",
        "queued",
        "held",
        "sending",
        "sent",
        "delivered",
        "bounced",
        "failed",
        "uncertain",
        "cancelled",
    ]
    reasons: tuple[Reason, ...] = ()
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    message_id: str | None = None
    attempts: int = 0


class Payment(Shape):
    state: Literal["unpaid", "partially_paid", "paid", "uncollectible"]
    paid: SaidDecimal


class InvoiceLine(Shape):
    line_id: str
    description: str
    quantity: SaidDecimal
    unit_price: SaidDecimal
    tax_rate: SaidDecimal
    net: SaidDecimal
    tax: SaidDecimal


class CustomerSnapshot(Shape):
    """The customer as it was at finalisation; `version` is the customer's then."""

    customer_id: SaidId
    version: int
    company_name: str
    contact_number: str | None = None
    company_address: Address | None = None
    email: str | None = None
    cc: tuple[str, ...] = ()


class Invoice(Shape):
    """A whole invoice as it now is. Terms, their source and the due date are null while the customer is unknown."""

    invoice_id: SaidId
    partner_id: str
    customer_id: SaidId
    version: int
    number: str | None = None
    document: Literal["draft", "finalizing", "finalized", "voided", "discarded"]
    delivery: Delivery
    payment: Payment
    currency: str
    issue_date: date
    due_date: date | None = None
    payment_terms: PaymentTerms | None = None
    terms_source: Literal["invoice", "customer", "partner"] | None = None
    time_zone: str
    lines: tuple[InvoiceLine, ...]
    subtotal: SaidDecimal
    tax: SaidDecimal
    total: SaidDecimal
    customer: CustomerSnapshot | None = None
    created_at: SaidTime
    updated_at: SaidTime
