"""What happened, as others are told: each fact with the whole invoice as it is after the command."""

from collections.abc import Callable
from typing import Any, Final

from invoice_svc.domain import facts
from invoice_svc.domain.invoice import Invoice
from shared.contracts import invoice_shapes, invoices, topics
from shared.contracts.answers import CommandRejected
from shared.contracts.base import Message, Problem
from shared.contracts.invoices import CreateInvoice, InvoiceEvent
from shared.engine.change import Outgoing


class _Shown:
    """The invoice shown last: the facts of one command follow each other and show the same state object."""

    __slots__ = ("of", "shape")

    def __init__(self) -> None:
        self.of: Invoice | None = None
        self.shape: invoice_shapes.Invoice | None = None

    def __call__(self, invoice: Invoice) -> invoice_shapes.Invoice:
        if self.shape is None or self.of is not invoice:
            self.of, self.shape = invoice, invoice_shapes.Invoice.model_validate(invoice)
        return self.shape


shown: Final = _Shown()
"""An invoice as the contract has it."""


def invoice_message(fact: facts.InvoiceFact, invoice: Invoice) -> Outgoing:
    if isinstance(fact, facts.InvoiceRefused):
        return _refused(fact, invoice)
    message = _SAYINGS[type(fact)](fact, shown(invoice))
    return Outgoing(topics.INVOICES.name, invoice.customer_id, invoice.invoice_id, message)


def _refused(fact: facts.InvoiceRefused, invoice: Invoice) -> Outgoing:
    """The answer to the CreateInvoice, late: its customer was not known before."""
    answer: Message = CommandRejected(
        partner_id=invoice.partner_id,
        command_id=fact.command_id,
        command_type=CreateInvoice.ce_type(),
        errors=tuple(Problem.model_validate(each) for each in fact.problems),
    )
    return Outgoing(topics.ANSWERS.name, fact.command_id, fact.command_id, answer)


def _blocked(fact: facts.InvoiceSendBlocked, invoice: invoice_shapes.Invoice) -> InvoiceEvent:
    return invoices.InvoiceSendBlocked(invoice=invoice, reasons=tuple(reason.value for reason in fact.reasons))


def _released(fact: facts.InvoiceReleased, invoice: invoice_shapes.Invoice) -> InvoiceEvent:
    return invoices.InvoiceReleased(invoice=invoice, cleared=tuple(reason.value for reason in fact.cleared))


def _sent(fact: facts.InvoiceSent, invoice: invoice_shapes.Invoice) -> InvoiceEvent:
    return invoices.InvoiceSent(invoice=invoice, to=fact.to, message_id=fact.message_id)


def _failed(fact: facts.InvoiceDeliveryFailed, invoice: invoice_shapes.Invoice) -> InvoiceEvent:
    return invoices.InvoiceDeliveryFailed(invoice=invoice, code=fact.code, detail=fact.detail, permanent=fact.permanent)


def _uncertain(fact: facts.InvoiceDeliveryUncertain, invoice: invoice_shapes.Invoice) -> InvoiceEvent:
    return invoices.InvoiceDeliveryUncertain(invoice=invoice, message_id=fact.message_id)


def _bare(event: type[InvoiceEvent]) -> Callable[[Any, invoice_shapes.Invoice], InvoiceEvent]:
    """For a fact that the invoice's new state says it all about."""
    return lambda _fact, invoice: event(invoice=invoice)


_SAYINGS: Final[dict[type[Any], Callable[[Any, invoice_shapes.Invoice], InvoiceEvent]]] = {
    facts.InvoiceCreated: _bare(invoices.InvoiceCreated),
    facts.InvoiceTermsFixed: _bare(invoices.InvoiceTermsFixed),
    facts.InvoiceFinalized: _bare(invoices.InvoiceFinalized),
    facts.InvoiceQueued: _bare(invoices.InvoiceQueued),
    facts.InvoiceSendBlocked: _blocked,
    facts.InvoiceReleased: _released,
    facts.InvoiceSent: _sent,
    facts.InvoiceDeliveryFailed: _failed,
    facts.InvoiceDeliveryUncertain: _uncertain,
    facts.InvoiceDeliveryCancelled: _bare(invoices.InvoiceDeliveryCancelled),
    facts.InvoiceDiscarded: _bare(invoices.InvoiceDiscarded),
    facts.InvoiceVoided: _bare(invoices.InvoiceVoided),
    facts.InvoicePaymentRecorded: _bare(invoices.InvoicePaymentRecorded),
    facts.InvoicePaid: _bare(invoices.InvoicePaid),
    facts.InvoiceOverdue: _bare(invoices.InvoiceOverdue),
}
