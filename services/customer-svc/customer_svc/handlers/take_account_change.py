"""What changed at a linked account in the PSA is taken over."""

from collections.abc import Iterator

from customer_svc.aggregates import CUSTOMER
from customer_svc.domain.customer import Account, Customer
from customer_svc.domain.facts import CustomerFact
from customer_svc.domain.importing import Seen, take_account_change
from customer_svc.handlers.psa_shapes import psa_account
from shared.contracts.psa import AccountChanged
from shared.engine.change import Change, Meta, Reads
from shared.engine.decision import Decision


def handle(seen: AccountChanged, meta: Meta, *, region: str | None) -> Iterator[Change[Customer, CustomerFact]]:
    del meta
    link = Account(seen.integration_id, seen.account_id)
    what = Seen(psa_account(seen.account), link, seen.link_version, frozenset(seen.changes))

    def decide(customer: Customer | None, _reads: Reads) -> Decision[Customer, CustomerFact]:
        return take_account_change(customer, what, region=region)

    yield Change(CUSTOMER, seen.customer_id, decide)
