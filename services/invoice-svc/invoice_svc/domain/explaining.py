"""Why an invoice is due when it is, and why it is or is not on its way: inputs, rule, each step."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from invoice_svc.domain.account import Account, Reason
from invoice_svc.domain.holding import known_enough, reasons_for
from invoice_svc.domain.invoice import Document, Invoice, Sending, TermsSource
from invoice_svc.domain.terms import PaymentTerms, Step, reckon

_CLEARED: Final = {
    Reason.CUSTOMER_UNKNOWN: "by itself, when the customer, or its awaited version, becomes known here",
    Reason.CUSTOMER_DISABLED: "by itself, when the customer is enabled",
    Reason.EMAIL_MISSING: "by itself, when the customer gets an e-mail address",
    Reason.EMAIL_INVALID: "by itself, when the customer gets an e-mail address that can be mailed to",
    Reason.MANUAL_HOLD: "by hand: release the invoice",
}
_SOURCES: Final[dict[TermsSource, str]] = {
    "invoice": "the invoice's own terms count before the customer's and the partner's",
    "customer": "the invoice has no terms of its own; the customer's count before the partner's",
    "partner": "neither the invoice nor the customer has terms; the partner's apply",
}
_NEXT: Final = {
    Sending.NOT_REQUESTED: "nobody has asked to send it",
    Sending.QUEUED: "it is sent by itself, within moments or when the next attempt is due",
    Sending.HELD: "it is sent by itself when every reason is gone",
    Sending.SENDING: "it is being handed to the mail server",
    Sending.SENT: "the mail server has it; it goes again only with resend",
    Sending.DELIVERED: "it was delivered; it goes again only with resend",
    Sending.BOUNCED: "it came back; sending it makes a new mail",
    Sending.FAILED: "the mail server refused it for good; mend the cause, then send it",
    Sending.UNCERTAIN: "whether it went out cannot be known; look at the mail system, then send it with resend",
    Sending.CANCELLED: "its delivery was called off; it can be sent again",
}


@dataclass(frozen=True, slots=True)
class DueExplained:
    """`steps` lead from the issue date to `due_date`, which itself is not overdue yet."""

    due_date: date
    issue_date: date
    time_zone: str
    payment_terms: PaymentTerms
    terms_source: TermsSource
    terms_version: int | None
    rule: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class ReasonExplained:
    """`cleared`: how the reason goes away."""

    code: Reason
    cleared: str


@dataclass(frozen=True, slots=True)
class DeliveryExplained:
    """`reasons` are those that hold as the account is now; `customer_version` is the account's, None: not known."""

    state: Sending
    next: str
    next_attempt_at: str | None
    attempts: int
    customer_version: int | None
    awaited_version: int
    reasons: tuple[ReasonExplained, ...]


@dataclass(frozen=True, slots=True)
class TotalExplained:
    """Each rate's tax is that of the sum of its lines' rounded nets, rounded once, half up."""

    rule: str
    rates: tuple["RateExplained", ...]
    subtotal: Decimal
    tax: Decimal
    total: Decimal
    paid: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True)
class RateExplained:
    tax_rate: Decimal
    net: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Explained:
    """`due` is None while the terms are not fixed."""

    invoice_id: str
    version: int
    document: Document
    due: DueExplained | None
    delivery: DeliveryExplained
    total: TotalExplained


def explain(invoice: Invoice, account: Account | None) -> Explained:
    return Explained(
        invoice_id=invoice.invoice_id,
        version=invoice.version,
        document=invoice.document,
        due=_due(invoice),
        delivery=_delivery(invoice, account if known_enough(invoice, account) else None),
        total=_total(invoice),
    )


def _due(invoice: Invoice) -> DueExplained | None:
    if invoice.payment_terms is None or invoice.terms_source is None or invoice.due_date is None:
        return None
    return DueExplained(
        due_date=invoice.due_date,
        issue_date=invoice.issue_date,
        time_zone=invoice.time_zone,
        payment_terms=invoice.payment_terms,
        terms_source=invoice.terms_source,
        terms_version=invoice.terms_version,
        rule=_SOURCES[invoice.terms_source],
        steps=reckon(invoice.payment_terms, invoice.issue_date),
    )


def _delivery(invoice: Invoice, account: Account | None) -> DeliveryExplained:
    delivery = invoice.delivery
    settled = delivery.state in (Sending.SENT, Sending.DELIVERED, Sending.UNCERTAIN, Sending.SENDING)
    version = account.customer_version if account else None
    reasons = () if settled else reasons_for(invoice, account)
    return DeliveryExplained(
        state=delivery.state,
        next=_NEXT[delivery.state],
        next_attempt_at=delivery.due_at,
        attempts=delivery.attempts,
        customer_version=version,
        awaited_version=invoice.wishes.customer_version,
        reasons=tuple(ReasonExplained(reason, _CLEARED[reason]) for reason in reasons),
    )


def _total(invoice: Invoice) -> TotalExplained:
    rates = dict.fromkeys(line.tax_rate for line in invoice.lines)
    return TotalExplained(
        rule="each line is rounded half up; the tax of a rate is that of its lines' sum, rounded once",
        rates=tuple(
            RateExplained(
                rate,
                sum((line.net for line in invoice.lines if line.tax_rate == rate), Decimal(0)),
                sum((line.tax for line in invoice.lines if line.tax_rate == rate), Decimal(0)),
            )
            for rate in rates
        ),
        subtotal=invoice.subtotal,
        tax=invoice.tax,
        total=invoice.total,
        paid=invoice.payment.paid,
        balance=invoice.balance,
    )
