"""The state of an invoice on its three axes: the document, its delivery, its payment."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from invoice_svc.domain.account import Address, Reason
from invoice_svc.domain.amounts import Line
from invoice_svc.domain.terms import PaymentTerms


class Document(StrEnum):
    DRAFT = "draft"
    FINALIZING = "finalizing"
    FINALIZED = "finalized"
    VOIDED = "voided"
    DISCARDED = "discarded"


class Sending(StrEnum):
    """How far the delivery is. `delivered` and `bounced` come with later work."""

    NOT_REQUESTED = "not_requested"
    QUEUED = "queued"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"


class Paid(StrEnum):
    UNPAID = "unpaid"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Mark:
    """An attempt that may have handed the mail over: whose it is, and until when (RFC 3339) it may be under way."""

    by: str
    until: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """`reasons` are all that hold it. `to`, `cc` and `message_id` are those of the last attempt that was marked.

    `generation` counts the mails that were wanted, each with a Message-ID of its own; `due_at` is when the next attempt
    may be made (None: now); `mark` is there while an attempt is under way.
    """

    state: Sending = Sending.NOT_REQUESTED
    reasons: tuple[Reason, ...] = ()
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    message_id: str | None = None
    attempts: int = 0
    generation: int = 1
    due_at: str | None = None
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Received:
    amount: Decimal
    paid_on: date
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """`payments`: at most 500, so that it cannot grow without end."""

    paid: Decimal
    state: Paid = Paid.UNPAID
    payments: tuple[Received, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The customer as it was at finalisation."""

    customer_id: str
    version: int
    company_name: str
    contact_number: str | None = None
    company_address: Address | None = None
    email: str | None = None
    cc: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the invoice's maker asked for and is yet to be done, or was done."""

    finalize: bool = False
    send: bool = False
    payment_terms: PaymentTerms | None = None
    customer_version: int = 1
    command_id: str | None = None


TermsSource = Literal["invoice", "customer", "partner"]


@dataclass(frozen=True, slots=True)
class Invoice:
    """`terms_version`: the version of the customer or the settings that the terms were taken from. Terms and due date
    are None while the customer is not known, or not as new as was asked for."""

    invoice_id: str
    partner_id: str
    customer_id: str
    currency: str
    issue_date: date
    time_zone: str
    lines: tuple[Line, ...]
    subtotal: Decimal
    tax: Decimal
    total: Decimal
    payment: Payment
    wishes: Wishes = Wishes()
    document: Document = Document.DRAFT
    delivery: Delivery = Delivery()
    number: str | None = None
    payment_terms: PaymentTerms | None = None
    terms_source: TermsSource | None = None
    terms_version: int | None = None
    due_date: date | None = None
    customer: Snapshot | None = None
    overdue: bool = False
    version: int = 0
    created_at: str = ""
    updated_at: str = ""

    @property
    def waiting(self) -> bool:
        """A draft that cannot go on before its customer is known."""
        return self.document is Document.DRAFT and self.payment_terms is None

    @property
    def balance(self) -> Decimal:
        return self.total - self.payment.paid


def message_id(invoice_id: str, generation: int) -> str:
    """The mail's Message-ID: the same at every attempt of a generation, another for each resend."""
    return f"<{invoice_id}.{generation}@mail.rebilling.example>"
