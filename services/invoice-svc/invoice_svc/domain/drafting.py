"""From an order to a numbered invoice: drafted, completed once its customer is known, frozen, numbered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from invoice_svc.domain.account import Account
from invoice_svc.domain.amounts import Item, amounts, exponent_of, zero
from invoice_svc.domain.facts import (
    InvoiceCreated,
    InvoiceDiscarded,
    InvoiceFact,
    InvoiceFinalized,
    InvoicePaid,
    InvoiceRefused,
    InvoiceSendBlocked,
    InvoiceTermsFixed,
)
from invoice_svc.domain.holding import ask, known_enough, reasons_for
from invoice_svc.domain.invoice import (
    Document,
    Invoice,
    Paid,
    Payment,
    Sending,
    Snapshot,
    TermsSource,
    Wishes,
)
from invoice_svc.domain.settings import Settings, local_day
from invoice_svc.domain.terms import PaymentTerms, due_date
from shared.engine.decision import Decision, Refused, no_such, refuse

Step = Decision[Invoice, InvoiceFact]


@dataclass(frozen=True, slots=True)
class Order:
    """What an invoice is made from; `issue_date` None: today in the partner's zone."""

    invoice_id: str
    partner_id: str
    customer_id: str
    currency: str
    items: Sequence[Item]
    wishes: Wishes
    issue_date: date | None = None


def create(known: Invoice | None, order: Order, account: Account | None, settings: Settings, *, now: datetime) -> Step:
    """A draft, and where it is asked for and its customer known, on its way to a number."""
    if known is not None:
        raise refuse("/invoice_id", "ALREADY_EXISTS", f"there is an invoice {order.invoice_id}")
    sums = amounts(order.items, order.currency)
    invoice = Invoice(
        invoice_id=order.invoice_id,
        partner_id=order.partner_id,
        customer_id=order.customer_id,
        currency=order.currency,
        issue_date=order.issue_date or local_day(now, settings.time_zone),
        time_zone=settings.time_zone,
        lines=sums.lines,
        subtotal=sums.subtotal,
        tax=sums.tax,
        total=sums.total,
        payment=Payment(zero(exponent_of(order.currency))),
        wishes=order.wishes,
    )
    if refused := _why_not_billed(invoice, account):
        raise refused
    met = _go_on(invoice, account, settings)
    return Decision(met.state, (InvoiceCreated(), *(fact for fact in met.facts if fact != InvoiceTermsFixed())))


def finalize(invoice: Invoice, account: Account | None, settings: Settings) -> Step:
    """Freeze what it says and have it numbered; while the customer is unknown, as soon as it is known."""
    if invoice.document in (Document.FINALIZING, Document.FINALIZED):
        return Decision(invoice)
    if invoice.document is not Document.DRAFT:
        raise refuse("", "CONFLICT_WITH_STATE", f"the invoice is {invoice.document} and cannot be finalised")
    return _go_on(replace(invoice, wishes=replace(invoice.wishes, finalize=True)), account, settings)


def finalize_and_send(draft: Invoice, account: Account | None, settings: Settings) -> Step:
    return _go_on(replace(draft, wishes=replace(draft.wishes, finalize=True, send=True)), account, settings)


def review(invoice: Invoice, account: Account | None, settings: Settings) -> Step:
    """Look again at what waits or is held, with the account as it is now; everything else stays as it is."""
    if invoice.waiting:
        return _meet(invoice, account, settings)
    if invoice.document is Document.FINALIZED and invoice.delivery.state is Sending.HELD:
        return ask(invoice, account)
    return Decision(invoice)


def give_number(invoice: Invoice, number: str, account: Account | None) -> Step:
    """The end of finalising: the number, and the delivery where it was asked for."""
    if invoice.document is not Document.FINALIZING:
        return Decision(invoice)
    free = invoice.balance == 0
    payment = replace(invoice.payment, state=Paid.PAID) if free else invoice.payment
    numbered = replace(invoice, document=Document.FINALIZED, number=number, payment=payment)
    paid = (InvoicePaid(),) if free and invoice.payment.state is not Paid.PAID else ()
    asked = ask(numbered, account) if invoice.wishes.send else Decision[Invoice, InvoiceFact](numbered)
    return Decision(asked.state, (InvoiceFinalized(), *paid, *asked.facts))


def _why_not_billed(invoice: Invoice, account: Account | None) -> Refused | None:
    """Whether it was known at once or only after a wait makes no difference."""
    if account is not None and account.partner_id != invoice.partner_id:
        return no_such("customer_id")
    if account is not None and account.status == "archived" and known_enough(invoice, account):
        return refuse("/customer_id", "CONFLICT_WITH_STATE", "the customer is archived; enable it before billing it")
    return None


def _go_on(invoice: Invoice, account: Account | None, settings: Settings) -> Step:
    """As far as wishes and knowledge go; what should be sent and cannot go on is held, and said to be."""
    met = _meet(invoice, account, settings)
    waits = met.state
    if not waits.waiting or not waits.wishes.send or waits.delivery.state is Sending.HELD:
        return met
    reasons = reasons_for(waits, account)
    held = replace(waits, delivery=replace(waits.delivery, state=Sending.HELD, reasons=reasons))
    return Decision(held, (*met.facts, InvoiceSendBlocked(reasons)))


def _meet(invoice: Invoice, account: Account | None, settings: Settings) -> Step:
    """A draft and its customer: terms and due date are fixed, and if wished the whole is frozen."""
    refused = _why_not_billed(invoice, account) if invoice.waiting else None
    if refused is not None:
        return _refused_after_all(invoice, refused)
    if account is None or not known_enough(invoice, account):
        return Decision(invoice)
    known = _with_terms(invoice, account, settings) if invoice.waiting else invoice
    if known.wishes.finalize:
        return Decision(replace(known, document=Document.FINALIZING, customer=_snapshot(account)))
    return Decision(known, (InvoiceTermsFixed(),) if known is not invoice else ())


def _refused_after_all(invoice: Invoice, refused: Refused) -> Step:
    state = invoice.delivery.state
    cancelled = replace(
        invoice.delivery, state=Sending.CANCELLED if state is Sending.HELD else state, reasons=(), due_at=None
    )
    gone = replace(invoice, document=Document.DISCARDED, delivery=cancelled)
    command = invoice.wishes.command_id
    return Decision(gone, (InvoiceDiscarded(), *((InvoiceRefused(command, refused.problems),) if command else ())))


def _with_terms(invoice: Invoice, account: Account, settings: Settings) -> Invoice:
    """The invoice's own terms count before the customer's, and those before the partner's."""
    terms: PaymentTerms
    source: TermsSource
    if invoice.wishes.payment_terms is not None:
        terms, source, version = invoice.wishes.payment_terms, "invoice", None
    elif account.payment_terms is not None:
        terms, source, version = account.payment_terms, "customer", account.customer_version
    else:
        terms, source, version = settings.payment_terms, "partner", settings.told_version
    return replace(
        invoice,
        payment_terms=terms,
        terms_source=source,
        terms_version=version,
        due_date=due_date(terms, invoice.issue_date),
    )


def _snapshot(account: Account) -> Snapshot:
    return Snapshot(
        customer_id=account.customer_id,
        version=account.customer_version,
        company_name=account.company_name,
        contact_number=account.contact_number,
        company_address=account.company_address,
        email=account.email,
        cc=account.cc,
    )
