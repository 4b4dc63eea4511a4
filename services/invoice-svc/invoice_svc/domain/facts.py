"""What can happen to an invoice; each is told with the whole invoice as it is then."""

from dataclasses import dataclass

from invoice_svc.domain.account import Reason
from shared.engine.decision import Problem


@dataclass(frozen=True, slots=True)
class InvoiceCreated:
    pass


@dataclass(frozen=True, slots=True)
class InvoiceTermsFixed:
    """A draft that waited for its customer has its terms and due date."""


@dataclass(frozen=True, slots=True)
class InvoiceFinalized:
    pass


@dataclass(frozen=True, slots=True)
class InvoiceQueued:
    pass


@dataclass(frozen=True, slots=True)
class InvoiceSendBlocked:
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class InvoiceReleased:
    cleared: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class InvoiceSent:
    to: tuple[str, ...]
    message_id: str


@dataclass(frozen=True, slots=True)
class InvoiceDeliveryFailed:
    code: str
    detail: str
    permanent: bool


@dataclass(frozen=True, slots=True)
class InvoiceDeliveryUncertain:
    message_id: str


@dataclass(frozen=True, slots=True)
class InvoiceDeliveryCancelled:
    pass


@dataclass(frozen=True, slots=True)
class InvoiceDiscarded:
    pass


@dataclass(frozen=True, slots=True)
class InvoiceRefused:
    """The command that made it is answered after all: its customer turned out to be another partner's, or archived."""

    command_id: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class InvoiceVoided:
    pass


@dataclass(frozen=True, slots=True)
class InvoicePaymentRecorded:
    pass


@dataclass(frozen=True, slots=True)
class InvoicePaid:
    pass


@dataclass(frozen=True, slots=True)
class InvoiceOverdue:
    pass


InvoiceFact = (
    InvoiceCreated
    | InvoiceTermsFixed
    | InvoiceFinalized
    | InvoiceQueued
    | InvoiceSendBlocked
    | InvoiceReleased
    | InvoiceSent
    | InvoiceDeliveryFailed
    | InvoiceDeliveryUncertain
    | InvoiceDeliveryCancelled
    | InvoiceDiscarded
    | InvoiceRefused
    | InvoiceVoided
    | InvoicePaymentRecorded
    | InvoicePaid
    | InvoiceOverdue
)
