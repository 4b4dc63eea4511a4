"""UpdateCustomer and SetPaymentTerms: details of a customer that is there."""

from collections.abc import Iterable

from customer_svc.aggregates import CUSTOMER
from customer_svc.domain import rules
from customer_svc.domain.customer import Customer, CustomerFact
from customer_svc.domain.details import checked
from customer_svc.handlers.given import in_domain, source_of
from shared.contracts.customers import SetPaymentTerms, UpdateCustomer
from shared.engine.change import Change, Meta, Reads
from shared.engine.decision import Decision


def handle(command: UpdateCustomer, meta: Meta, *, region: str | None) -> Iterable[Change[Customer, CustomerFact]]:
    given = {name: in_domain(name, value) for name, value in command.set.given().items()}

    def decide(customer: Customer | None, reads: Reads) -> Decision[Customer, CustomerFact]:
        del reads
        return rules.update(
            customer,
            lambda known: checked(known, given, region, at="/set"),
            source_of(meta),
            expected_version=command.expected_version,
            customer_id=command.customer_id,
        )

    yield Change(CUSTOMER, command.customer_id, decide)


def set_payment_terms(command: SetPaymentTerms, meta: Meta) -> Iterable[Change[Customer, CustomerFact]]:
    terms = in_domain("payment_terms", command.payment_terms)

    def decide(customer: Customer | None, reads: Reads) -> Decision[Customer, CustomerFact]:
        del reads
        return rules.set_payment_terms(customer, terms, source_of(meta), command.customer_id)

    yield Change(CUSTOMER, command.customer_id, decide)
