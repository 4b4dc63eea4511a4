"""What was paid of an invoice, and whether it is overdue."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from invoice_svc.domain.amounts import exponent_of
from invoice_svc.domain.facts import InvoiceFact, InvoiceOverdue, InvoicePaid, InvoicePaymentRecorded
from invoice_svc.domain.invoice import Document, Invoice, Paid, Payment, Received
from invoice_svc.domain.settings import local_day
from shared.engine.decision import Decision, refuse
from shared.values.money import money_text, round_half_up

MOST_PAYMENTS: Final = 500


def record_payment(invoice: Invoice, received: Received) -> Decision[Invoice, InvoiceFact]:
    """Never more than what is open: an overpayment is money that belongs to something else."""
    if invoice.document not in (Document.FINALIZING, Document.FINALIZED):
        raise refuse("", "CONFLICT_WITH_STATE", f"the invoice is {invoice.document}: there is nothing to pay")
    exponent = exponent_of(invoice.currency)
    if round_half_up(received.amount, exponent) != received.amount:
        raise refuse("/amount", "INVALID", f"{invoice.currency} has {exponent} decimals")
    if received.amount > invoice.balance:
        raise refuse("/amount", "OVERPAYMENT", f"only {money_text(invoice.balance, exponent)} is open")
    if len(invoice.payment.payments) >= MOST_PAYMENTS:
        raise refuse("", "TOO_MANY_PAYMENTS", f"an invoice takes at most {MOST_PAYMENTS} payments")
    paid = round_half_up(invoice.payment.paid + received.amount, exponent)
    whole = paid == invoice.total
    payment = Payment(paid, Paid.PAID if whole else Paid.PARTIALLY_PAID, (*invoice.payment.payments, received))
    facts = (InvoicePaymentRecorded(), InvoicePaid()) if whole else (InvoicePaymentRecorded(),)
    return Decision(replace(invoice, payment=payment), facts)


def grow_overdue(invoice: Invoice, *, now: datetime) -> Decision[Invoice, InvoiceFact]:
    """Said once. The due day itself is not overdue; days are those of the partner's zone, as of the issue date."""
    if not may_grow_overdue(invoice) or invoice.due_date is None:
        return Decision(invoice)
    if local_day(now, invoice.time_zone) <= invoice.due_date:
        return Decision(invoice)
    return Decision(replace(invoice, overdue=True), (InvoiceOverdue(),))


def may_grow_overdue(invoice: Invoice) -> bool:
    return invoice.document is Document.FINALIZED and not invoice.overdue and invoice.balance > Decimal(0)


def overdue_from(due: date, time_zone: str) -> datetime:
    """The first moment after the due day."""
    return datetime.combine(due + timedelta(days=1), time(), ZoneInfo(time_zone))
