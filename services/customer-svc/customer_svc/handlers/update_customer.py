"""Fields of a customer are set, several at once."""

from collections.abc import Iterator

from customer_svc.aggregates import CUSTOMER
from customer_svc.domain.customer import Customer
from customer_svc.domain.editing import update
from customer_svc.domain.facts import CustomerFact
from customer_svc.handlers.contract_fields import fields_of_update
from customer_svc.handlers.origin import by_a_person
from shared.contracts.customers import UpdateCustomer
from shared.engine.change import Change, Meta, Reads
from shared.engine.decision import Decision


def handle(
    command: UpdateCustomer, meta: Meta, *, region: str | None, at: str = "/set"
) -> Iterator[Change[Customer, CustomerFact]]:
    """`at` is where the request has the fields: over HTTP they are the body itself."""

    def decide(customer: Customer | None, _reads: Reads) -> Decision[Customer, CustomerFact]:
        return update(
            customer,
            fields_of_update(command.set),
            source="portal" if by_a_person(meta) else "command",
            region=region,
            at=at,
            expected_version=command.expected_version,
        )

    yield Change(CUSTOMER, command.customer_id, decide)
