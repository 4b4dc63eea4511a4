"""A customer is disabled, enabled or archived."""

from collections.abc import Iterator

from customer_svc.aggregates import CUSTOMER
from customer_svc.domain import standing
from customer_svc.domain.customer import Customer
from customer_svc.domain.facts import CustomerFact
from customer_svc.handlers.claiming import giving_back
from shared.contracts.customers import ArchiveCustomer, DisableCustomer, EnableCustomer
from shared.engine.change import Change, Meta

Changes = Iterator[Change[Customer, CustomerFact]]


def disable(command: DisableCustomer, meta: Meta, *, expected_version: int | None = None) -> Changes:
    del meta
    yield Change(CUSTOMER, command.customer_id, lambda customer, _reads: standing.disable(customer, expected_version))


def enable(command: EnableCustomer, meta: Meta, *, expected_version: int | None = None) -> Changes:
    del meta
    yield Change(CUSTOMER, command.customer_id, lambda customer, _reads: standing.enable(customer, expected_version))


def archive(command: ArchiveCustomer, meta: Meta, *, expected_version: int | None = None) -> Changes:
    yield Change(
        CUSTOMER,
        command.customer_id,
        lambda customer, _reads: standing.archive(customer, expected_version),
        then=giving_back(meta),
    )
