"""What can happen to a customer. A fact carries only what the customer's new state does not say."""

from dataclasses import dataclass
from typing import Literal

from customer_svc.domain.terms import PaymentTerms
from shared.engine.decision import Problem

Origin = Literal["manual", "import", "command"]
"""Where a customer came from: a person in the portal, an import, another system's command."""

Source = Literal["portal", "psa", "command"]
"""Where a change came from."""


@dataclass(frozen=True, slots=True)
class CustomerCreated:
    source: Origin


@dataclass(frozen=True, slots=True)
class CustomerUpdated:
    changed: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class CustomerLinked:
    pass


@dataclass(frozen=True, slots=True)
class CustomerUnlinked:
    pass


@dataclass(frozen=True, slots=True)
class EmailConfigured:
    """There is an address where there was none, or another one."""


@dataclass(frozen=True, slots=True)
class EmailMissing:
    reason: Literal["never_set", "removed"]


@dataclass(frozen=True, slots=True)
class PaymentTermsChanged:
    previous: PaymentTerms | None
    current: PaymentTerms | None


@dataclass(frozen=True, slots=True)
class CustomerImported:
    """`left_out`: what the PSA holds and could not be taken over, such as a number that cannot be read."""

    request_id: str
    created: bool
    left_out: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class CustomerDisabled:
    pass


@dataclass(frozen=True, slots=True)
class CustomerEnabled:
    pass


@dataclass(frozen=True, slots=True)
class CustomerArchived:
    pass


CustomerFact = (
    CustomerCreated
    | CustomerUpdated
    | CustomerLinked
    | CustomerUnlinked
    | EmailConfigured
    | EmailMissing
    | PaymentTermsChanged
    | CustomerImported
    | CustomerDisabled
    | CustomerEnabled
    | CustomerArchived
)
