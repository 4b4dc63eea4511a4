"""What happened to a customer, as the published message says it."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter

from customer_svc.domain.customer import (
    Archived,
    Created,
    Customer,
    CustomerFact,
    Disabled,
    EmailSet,
    EmailWanted,
    Enabled,
    PaymentTerms,
    TermsChanged,
    Updated,
)
from shared.contracts import customers as contract
from shared.contracts import topics
from shared.contracts.base import Message
from shared.contracts.shapes import PaymentTerms as TermsShape
from shared.engine.change import Outgoing

_TERMS: TypeAdapter[Any] = TypeAdapter(TermsShape | None)


def shape(customer: Customer) -> contract.Customer:
    """The customer as the contract shows it."""
    details = customer.details
    return contract.Customer.model_validate(
        {
            "customer_id": customer.customer_id,
            "partner_id": customer.partner_id,
            "version": customer.version,
            "status": customer.status.value,
            **asdict(details),
            "integration": None,
            "created_at": customer.created_at,
            "updated_at": customer.updated_at,
        }
    )


def customer_message(fact: CustomerFact, customer: Customer) -> Outgoing:
    id = customer.customer_id
    return Outgoing(topics.CUSTOMERS.name, id, id, _SAID[type(fact)](fact, shape(customer)))


def _terms(terms: PaymentTerms | None) -> Any:
    return _TERMS.validate_python(asdict(terms) if terms else None)


def _terms_changed(fact: TermsChanged, customer: contract.Customer) -> Message:
    return contract.PaymentTermsChanged(
        customer=customer, previous=_terms(fact.previous), current=_terms(fact.current)
    )


_SAID: dict[type[Any], Callable[[Any, contract.Customer], Message]] = {
    Created: lambda fact, customer: contract.CustomerCreated(customer=customer, source=fact.source),
    Updated: lambda fact, customer: contract.CustomerUpdated(
        customer=customer, changed=fact.changed, source=fact.source
    ),
    EmailWanted: lambda fact, customer: contract.EmailMissing(customer=customer, reason=fact.reason),
    EmailSet: lambda _, customer: contract.EmailConfigured(customer=customer),
    TermsChanged: _terms_changed,
    Disabled: lambda _, customer: contract.CustomerDisabled(customer=customer),
    Enabled: lambda _, customer: contract.CustomerEnabled(customer=customer),
    Archived: lambda _, customer: contract.CustomerArchived(customer=customer),
}
