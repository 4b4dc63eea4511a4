"""Whether business is done with a customer: active, disabled or archived."""

from dataclasses import replace

from customer_svc.domain.customer import Customer, Status, changeable, existing
from customer_svc.domain.facts import (
    CustomerArchived,
    CustomerDisabled,
    CustomerEnabled,
    CustomerFact,
    CustomerUnlinked,
)
from customer_svc.domain.linking import without_account
from shared.engine.decision import Decision


def disable(customer: Customer | None, expected_version: int | None = None) -> Decision[Customer, CustomerFact]:
    known = changeable(customer, expected_version)
    if known.status is Status.DISABLED:
        return Decision(known)
    return Decision(replace(known, status=Status.DISABLED), (CustomerDisabled(),))


def enable(customer: Customer | None, expected_version: int | None = None) -> Decision[Customer, CustomerFact]:
    """Also what was archived becomes active again; its account stays unlinked."""
    known = existing(customer, expected_version)
    if known.status is Status.ACTIVE:
        return Decision(known)
    return Decision(replace(known, status=Status.ACTIVE), (CustomerEnabled(),))


def archive(customer: Customer | None, expected_version: int | None = None) -> Decision[Customer, CustomerFact]:
    """An archived customer gives its account back, so that another may be linked to it."""
    known = existing(customer, expected_version)
    if known.status is Status.ARCHIVED:
        return Decision(known)
    archived = replace(without_account(known), status=Status.ARCHIVED)
    facts: tuple[CustomerFact, ...] = (CustomerArchived(),)
    return Decision(archived, (CustomerUnlinked(), *facts) if known.integration is not None else facts)
