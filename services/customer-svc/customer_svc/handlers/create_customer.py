"""CreateCustomer: by hand or by another service."""

from collections.abc import Iterable

from customer_svc.aggregates import CUSTOMER
from customer_svc.domain import rules
from customer_svc.domain.customer import Customer, CustomerFact, Details
from customer_svc.domain.details import checked
from customer_svc.handlers.given import details_given, source_of
from shared.contracts.customers import CreateCustomer
from shared.engine.change import Change, Meta, Reads
from shared.engine.decision import Decision
from shared.engine.outbox import derived_id


def handle(command: CreateCustomer, meta: Meta, *, region: str | None) -> Iterable[Change[Customer, CustomerFact]]:
    """Where no id is given it is derived from the message, so that a repeat means the same customer."""
    customer_id = command.customer_id or derived_id(meta.identity, "customer")
    details = checked(Details(command.company_name), details_given(command), region)
    new = Customer(customer_id, command.partner_id, details)
    by_hand = source_of(meta) == "portal"

    def decide(customer: Customer | None, reads: Reads) -> Decision[Customer, CustomerFact]:
        del reads
        return rules.create(customer, new, "manual" if by_hand else "command")

    yield Change(CUSTOMER, customer_id, decide, creation=True)

