"""An end customer as this service keeps it, and what has to be true before anything is done with one."""

from dataclasses import dataclass
from enum import StrEnum

from customer_svc.domain.terms import PaymentTerms
from shared.engine.decision import no_such, refuse

REMEMBERED = 8
"""Accounts that a customer has left and whose claims it may have to give back."""


class Status(StrEnum):
    """Disabled: may be edited, its invoices are made and held. Archived: nothing but enabling."""

    ACTIVE = "active"
    DISABLED = "disabled"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class Address:
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """One account of one PSA integration."""

    integration_id: str
    account_id: str


@dataclass(frozen=True, slots=True)
class Integration:
    """The linked account. `provider` and `reference` are None until the PSA has told them.

    `link_version` is the customer's version at which the link was made: what was seen under an older link is not
    about this one.
    """

    integration_id: str
    account_id: str
    link_version: int
    provider: str | None = None
    reference: str | None = None

    @property
    def account(self) -> Account:
        return Account(self.integration_id, self.account_id)


@dataclass(frozen=True, slots=True)
class Customer:
    """`payment_terms` None: the partner's apply. `left`: the accounts it was unlinked from lately.

    `version`, `created_at` and `updated_at` are the engine's to stamp.
    """

    customer_id: str
    partner_id: str
    company_name: str
    status: Status = Status.ACTIVE
    contact_number: str | None = None
    company_address: Address | None = None
    email: str | None = None
    cc: tuple[str, ...] = ()
    payment_terms: PaymentTerms | None = None
    integration: Integration | None = None
    left: tuple[Account, ...] = ()
    version: int = 0
    created_at: str = ""
    updated_at: str = ""

    @property
    def reference(self) -> str | None:
        """What the linked account is called in the PSA; a customer without an account has none."""
        return self.integration.reference if self.integration is not None else None

    def is_linked_with(self, account: Account) -> bool:
        return self.integration is not None and self.integration.account == account


def belonging_to(partner_id: str, customer: Customer | None) -> Customer | None:
    """Another partner's customer is none here, whatever it is linked with."""
    return customer if customer is not None and customer.partner_id == partner_id else None


def existing(customer: Customer | None, expected_version: int | None = None) -> Customer:
    """The customer, if there is one and it is still at the version that the change was made from."""
    if customer is None:
        raise no_such("customer_id")
    if expected_version is not None and customer.version != expected_version:
        raise refuse(
            "/expected_version",
            "VERSION_MISMATCH",
            f"the customer is at version {customer.version}, not {expected_version}; read it again and repeat",
        )
    return customer


def changeable(customer: Customer | None, expected_version: int | None = None) -> Customer:
    """The same for everything but enabling: an archived customer is left alone."""
    found = existing(customer, expected_version)
    if found.status is Status.ARCHIVED:
        raise refuse("", "CONFLICT_WITH_STATE", "the customer is archived; enable it first")
    return found
