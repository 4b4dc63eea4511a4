"""A customer gets payment terms of its own, or goes back to the partner's."""

from collections.abc import Iterator

from customer_svc.aggregates import CUSTOMER
from customer_svc.domain.customer import Customer
from customer_svc.domain.editing import update
from customer_svc.domain.facts import CustomerFact
from customer_svc.domain.fields import Edits
from customer_svc.handlers.contract_fields import payment_terms
from customer_svc.handlers.origin import by_a_person
from shared.contracts.customers import SetPaymentTerms
from shared.engine.change import Change, Meta, Reads
from shared.engine.decision import Decision


def handle(
    command: SetPaymentTerms, meta: Meta, *, expected_version: int | None = None
) -> Iterator[Change[Customer, CustomerFact]]:
    def decide(customer: Customer | None, _reads: Reads) -> Decision[Customer, CustomerFact]:
        return update(
            customer,
            Edits(payment_terms=payment_terms(command.payment_terms)),
            source="portal" if by_a_person(meta) else "command",
            region=None,
            expected_version=expected_version,
        )

    yield Change(CUSTOMER, command.customer_id, decide)
