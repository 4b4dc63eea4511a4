"""A customer is linked with an account of a PSA, and unlinked again."""

from collections.abc import Iterator

from customer_svc.aggregates import CUSTOMER
from customer_svc.domain.customer import Account, Customer
from customer_svc.domain.facts import CustomerFact
from customer_svc.domain.linking import link, unlink
from customer_svc.handlers.claiming import following, giving_back, settling, taking
from shared.contracts.customers import LinkIntegration, UnlinkIntegration
from shared.engine.change import Change, Meta, Reads
from shared.engine.decision import Decision


def handle(
    command: LinkIntegration, meta: Meta, *, expected_version: int | None = None
) -> Iterator[Change[Customer, CustomerFact]]:
    account = Account(command.integration_id, command.account_id)

    def decide(customer: Customer | None, _reads: Reads) -> Decision[Customer, CustomerFact]:
        return link(customer, account, expected_version)

    first = taking(meta, account, command.customer_id)
    yield Change(
        CUSTOMER,
        command.customer_id,
        decide,
        first=first,
        then=following(meta, account),
        otherwise=settling(meta, account, command.customer_id),
    )


def handle_unlink(
    command: UnlinkIntegration, meta: Meta, *, expected_version: int | None = None
) -> Iterator[Change[Customer, CustomerFact]]:
    def decide(customer: Customer | None, _reads: Reads) -> Decision[Customer, CustomerFact]:
        return unlink(customer, expected_version)

    yield Change(CUSTOMER, command.customer_id, decide, then=giving_back(meta))
