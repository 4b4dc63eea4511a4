"""The rules of a customer's life. Each answers the customer after it, and what happened, in the order it is said."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Literal

from customer_svc.domain.customer import (
    Archived,
    Created,
    Customer,
    CustomerFact,
    Details,
    Disabled,
    EmailSet,
    EmailWanted,
    Enabled,
    PaymentTerms,
    Status,
    TermsChanged,
    Updated,
)
from shared.engine.decision import Decision, refuse

Deciding = Decision[Customer, CustomerFact]


def create(
    customer: Customer | None, new: Customer, source: Literal["manual", "import", "command"]
) -> Deciding:
    """A customer without e-mail is announced at once, not at its first invoice."""
    if customer is not None:
        raise refuse("/customer_id", "ALREADY_EXISTS", f"there is a customer {new.customer_id} already; choose another id")
    email: CustomerFact = EmailSet() if new.details.email else EmailWanted("never_set")
    terms = (TermsChanged(None, new.details.payment_terms),) if new.details.payment_terms else ()
    return Decision(new, (Created(source), email, *terms))


def update(
    customer: Customer | None,
    change: Callable[[Details], Details],
    source: Literal["portal", "psa", "command"],
    *,
    expected_version: int | None = None,
    customer_id: str = "",
) -> Deciding:
    """Set some details; `change` answers the new ones, or refuses."""
    customer = editable(customer, customer_id)
    if expected_version is not None and expected_version != customer.version:
        raise refuse(
            "/expected_version",
            "VERSION_MISMATCH",
            f"the customer is at version {customer.version}, not {expected_version}; read it again",
        )
    before, after = customer.details, change(customer.details)
    changed = tuple(f.name for f in fields(Details) if getattr(before, f.name) != getattr(after, f.name))
    if not changed:
        return Decision(customer)
    facts = (Updated(changed, source), *_of_email(before, after), *_of_terms(before, after))
    return Decision(replace(customer, details=after), facts)


def set_payment_terms(
    customer: Customer | None, terms: PaymentTerms | None, source: Literal["portal", "command"], customer_id: str
) -> Deciding:
    """Terms of the customer's own, or none: the partner's then apply."""
    return update(customer, lambda known: replace(known, payment_terms=terms), source, customer_id=customer_id)


def disable(customer: Customer | None, customer_id: str) -> Deciding:
    """Its invoices are made and held."""
    customer = editable(customer, customer_id)
    if customer.status is Status.DISABLED:
        return Decision(customer)
    return Decision(replace(customer, status=Status.DISABLED), (Disabled(),))


def enable(customer: Customer | None, customer_id: str) -> Deciding:
    """The one thing that an archived customer allows."""
    customer = existing(customer, customer_id)
    if customer.status is Status.ACTIVE:
        return Decision(customer)
    return Decision(replace(customer, status=Status.ACTIVE), (Enabled(),))


def archive(customer: Customer | None, customer_id: str) -> Deciding:
    customer = existing(customer, customer_id)
    if customer.status is Status.ARCHIVED:
        return Decision(customer)
    return Decision(replace(customer, status=Status.ARCHIVED), (Archived(),))


def existing(customer: Customer | None, customer_id: str) -> Customer:
    if customer is None:
        raise refuse("/customer_id", "NOT_FOUND", f"there is no customer {customer_id}; was it created?")
    return customer


def editable(customer: Customer | None, customer_id: str) -> Customer:
    customer = existing(customer, customer_id)
    if customer.status is Status.ARCHIVED:
        raise refuse("/customer_id", "ARCHIVED_STATE", f"customer {customer_id} is archived; enable it first")
    return customer


def _of_email(before: Details, after: Details) -> tuple[CustomerFact, ...]:
    if before.email == after.email:
        return ()
    return (EmailSet(),) if after.email else (EmailWanted("removed"),)


def _of_terms(before: Details, after: Details) -> tuple[CustomerFact, ...]:
    if before.payment_terms == after.payment_terms:
        return ()
    return (TermsChanged(before.payment_terms, after.payment_terms),)
