"""DisableCustomer, EnableCustomer and ArchiveCustomer."""

from collections.abc import Callable, Iterable

from customer_svc.aggregates import CUSTOMER
from customer_svc.domain import rules
from customer_svc.domain.customer import Customer, CustomerFact
from shared.contracts.customers import ArchiveCustomer, DisableCustomer, EnableCustomer
from shared.engine.change import Change, Meta
from shared.engine.decision import Decision

Rule = Callable[[Customer | None, str], Decision[Customer, CustomerFact]]


def disable(command: DisableCustomer, meta: Meta) -> Iterable[Change[Customer, CustomerFact]]:
    return _by(rules.disable, command.customer_id, meta)


def enable(command: EnableCustomer, meta: Meta) -> Iterable[Change[Customer, CustomerFact]]:
    return _by(rules.enable, command.customer_id, meta)


def archive(command: ArchiveCustomer, meta: Meta) -> Iterable[Change[Customer, CustomerFact]]:
    return _by(rules.archive, command.customer_id, meta)


def _by(rule: Rule, id: str, meta: Meta) -> Iterable[Change[Customer, CustomerFact]]:
    del meta
    yield Change(CUSTOMER, id, lambda customer, _: rule(customer, id))
