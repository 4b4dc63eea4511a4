"""What happened, as others are told: each fact with the whole customer as it is after the command."""

from collections.abc import Callable
from typing import Any, Final

from pydantic import TypeAdapter

from customer_svc.domain import facts
from customer_svc.domain.customer import Customer
from shared.contracts import customers, topics
from shared.contracts.answers import ImportRefused
from shared.contracts.base import Problem
from shared.contracts.psa import ImportAnswered
from shared.contracts.shapes import PaymentTerms
from shared.engine.change import Meta, Outgoing
from shared.engine.decision import Refused

_TERMS: Final[TypeAdapter[PaymentTerms | None]] = TypeAdapter(PaymentTerms | None, config={"from_attributes": True})


class _Shown:
    """The customer shown last: the facts of one command follow each other and show the same state object."""

    __slots__ = ("of", "shape")

    def __init__(self) -> None:
        self.of: Customer | None = None
        self.shape: customers.Customer | None = None

    def __call__(self, customer: Customer) -> customers.Customer:
        if self.shape is None or self.of is not customer:
            self.of, self.shape = customer, customers.Customer.model_validate(customer)
        return self.shape


shown: Final = _Shown()
"""A customer as the contract has it."""


def customer_message(fact: facts.CustomerFact, customer: Customer) -> Outgoing:
    message = _SAYINGS[type(fact)](fact, shown(customer))
    return Outgoing(topics.CUSTOMERS.name, customer.customer_id, customer.customer_id, message)


def import_refused(answered: ImportAnswered, meta: Meta, refused: Refused) -> Outgoing:
    """The answer to an import whose account, or whose own fields, cannot be taken."""
    errors = tuple(Problem.model_validate(each) for each in refused.problems)
    answer = ImportRefused(
        partner_id=meta.partner_id,
        request_id=answered.request_id,
        integration_id=answered.integration_id,
        account_id=answered.account.account_id,
        code="INVALID",
        detail=refused.problems[0].detail if len(errors) == 1 else f"{len(errors)} problems were found",
        errors=errors,
    )
    return Outgoing(topics.ANSWERS.name, meta.id, answered.request_id, answer)


def _created(fact: facts.CustomerCreated, customer: customers.Customer) -> customers.CustomerEvent:
    return customers.CustomerCreated(customer=customer, source=fact.source)


def _updated(fact: facts.CustomerUpdated, customer: customers.Customer) -> customers.CustomerEvent:
    return customers.CustomerUpdated(customer=customer, changed=fact.changed, source=fact.source)


def _email_missing(fact: facts.EmailMissing, customer: customers.Customer) -> customers.CustomerEvent:
    return customers.EmailMissing(customer=customer, reason=fact.reason)


def _terms_changed(fact: facts.PaymentTermsChanged, customer: customers.Customer) -> customers.CustomerEvent:
    previous, current = _TERMS.validate_python(fact.previous), _TERMS.validate_python(fact.current)
    return customers.PaymentTermsChanged(customer=customer, previous=previous, current=current)


def _imported(fact: facts.CustomerImported, customer: customers.Customer) -> customers.CustomerEvent:
    left_out = tuple(Problem.model_validate(each) for each in fact.left_out)
    return customers.CustomerImported(
        customer=customer, request_id=fact.request_id, created=fact.created, left_out=left_out
    )


def _bare(event: type[customers.CustomerEvent]) -> Callable[[Any, customers.Customer], customers.CustomerEvent]:
    """For a fact that the customer's new state says it all about."""
    return lambda _fact, customer: event(customer=customer)


_SAYINGS: Final[dict[type[facts.CustomerFact], Callable[[Any, customers.Customer], customers.CustomerEvent]]] = {
    facts.CustomerCreated: _created,
    facts.CustomerUpdated: _updated,
    facts.CustomerLinked: _bare(customers.CustomerLinked),
    facts.CustomerUnlinked: _bare(customers.CustomerUnlinked),
    facts.EmailConfigured: _bare(customers.EmailConfigured),
    facts.EmailMissing: _email_missing,
    facts.PaymentTermsChanged: _terms_changed,
    facts.CustomerImported: _imported,
    facts.CustomerDisabled: _bare(customers.CustomerDisabled),
    facts.CustomerEnabled: _bare(customers.CustomerEnabled),
    facts.CustomerArchived: _bare(customers.CustomerArchived),
}
