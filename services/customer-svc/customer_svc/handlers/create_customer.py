"""A customer is created by hand or by another system, with or without an account of a PSA."""

from collections.abc import Iterator

from customer_svc.aggregates import CUSTOMER
from customer_svc.domain.customer import Account, Customer
from customer_svc.domain.editing import create
from customer_svc.domain.facts import CustomerFact
from customer_svc.handlers.claiming import following, settling, taking
from customer_svc.handlers.contract_fields import fields_of_creation
from customer_svc.handlers.origin import by_a_person
from shared.contracts.customers import CreateCustomer
from shared.engine.change import Change, Meta, Reads
from shared.engine.decision import Decision
from shared.engine.outbox import derived_id


def new_customer_id(meta: Meta) -> str:
    """The id of the customer that this message creates; a repeat of it derives the same."""
    return derived_id(meta.identity, "customer")


def handle(command: CreateCustomer, meta: Meta, *, region: str | None) -> Iterator[Change[Customer, CustomerFact]]:
    customer_id = command.customer_id or new_customer_id(meta)
    wanted = command.integration
    account = None if wanted is None else Account(wanted.integration_id, wanted.account_id)

    def decide(customer: Customer | None, _reads: Reads) -> Decision[Customer, CustomerFact]:
        return create(
            customer,
            customer_id=customer_id,
            partner_id=meta.partner_id,
            fields=fields_of_creation(command),
            account=account,
            source="manual" if by_a_person(meta) else "command",
            region=region,
        )

    if account is None:
        yield Change(CUSTOMER, customer_id, decide, creation=True)
    else:
        first = taking(meta, account, customer_id, at="/integration")
        yield Change(
            CUSTOMER,
            customer_id,
            decide,
            creation=True,
            first=first,
            then=following(meta, account),
            otherwise=settling(meta, account, customer_id),
        )
