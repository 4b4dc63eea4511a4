"""What invoice-svc knows of a customer: where invoices go, on which terms, and whether they may be sent at all."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Literal

from invoice_svc.domain.terms import PaymentTerms
from shared.engine.decision import Decision

_ADDRESS: Final = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>]+")
"""A safety net and cheap: customer-svc has checked the address; here it must only be one that can be mailed to."""


class Reason(StrEnum):
    """Why an invoice is held, in the order in which reasons are listed."""

    CUSTOMER_UNKNOWN = "CUSTOMER_UNKNOWN"
    CUSTOMER_DISABLED = "CUSTOMER_DISABLED"
    EMAIL_MISSING = "EMAIL_MISSING"
    EMAIL_INVALID = "EMAIL_INVALID"
    MANUAL_HOLD = "MANUAL_HOLD"


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
    """A customer as of `customer_version`. `first_version` is the one it became known with. `release_due`: invoices
    that were held or waiting at that version have yet to be looked at. `awaited_version`: the nearest one that an
    invoice waits for."""

    customer_id: str
    partner_id: str
    customer_version: int
    status: Literal["active", "disabled", "archived"]
    company_name: str
    contact_number: str | None = None
    company_address: Address | None = None
    email: str | None = None
    cc: tuple[str, ...] = ()
    payment_terms: PaymentTerms | None = None
    first_version: int = 0
    release_due: int | None = None
    awaited_version: int | None = None


@dataclass(frozen=True, slots=True)
class Awaited:
    """A partner's invoice waited for this customer before it was known."""

    partner_id: str
    customer_id: str


def know(known: Account | None, told: Account) -> Decision[Account, object]:
    """Take the newest version; what makes invoices sendable, blocks them otherwise, or was waited for sets
    `release_due` with it."""
    if known is None:
        return Decision(replace(told, first_version=told.customer_version))
    if told.customer_version <= known.customer_version:
        return Decision(known)
    awaited = known.awaited_version
    came = awaited is not None and awaited <= told.customer_version
    due = told.customer_version if came or blocks(known) != blocks(told) else known.release_due
    awaited = None if came else awaited
    return Decision(replace(told, first_version=known.first_version, release_due=due, awaited_version=awaited))


def blocks(account: Account) -> tuple[Reason, ...]:
    """Why this customer's invoices may not be sent, as far as the customer goes."""
    disabled = () if account.status == "active" else (Reason.CUSTOMER_DISABLED,)
    if account.email is None:
        return (*disabled, Reason.EMAIL_MISSING)
    return disabled if _ADDRESS.fullmatch(account.email) else (*disabled, Reason.EMAIL_INVALID)


def await_customer(known: Awaited | None, awaited: Awaited) -> Decision[Awaited, object]:
    return Decision(known or awaited)


def await_version(account: Account, version: int) -> Decision[Account, object]:
    """An invoice waits for this version; where it has come already, there is nothing to leave word for."""
    awaited = account.awaited_version
    if version <= account.customer_version or (awaited is not None and awaited <= version):
        return Decision(account)
    return Decision(replace(account, awaited_version=version))


def call_release(account: Account, version: int) -> Decision[Account, object]:
    """Somebody waited for the customer before this version made it known."""
    return Decision(replace(account, release_due=max(version, account.release_due or 0)))


def released(account: Account, version: int) -> Decision[Account, object]:
    """All that was held at `version` has been looked at; what changed since is still due."""
    return Decision(replace(account, release_due=None)) if account.release_due == version else Decision(account)
