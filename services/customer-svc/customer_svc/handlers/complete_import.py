"""An import that the PSA has answered becomes a customer, or finds the one that has the account."""

from collections.abc import Iterator
from typing import Any

from customer_svc.aggregates import CLAIM, CUSTOMER, claim_id
from customer_svc.domain.claim import Claim, propose
from customer_svc.domain.customer import Customer
from customer_svc.domain.facts import CustomerFact
from customer_svc.domain.fields import Fields
from customer_svc.domain.importing import Import, import_account
from customer_svc.handlers.claiming import following, settling, taker
from customer_svc.handlers.contract_fields import payment_terms
from customer_svc.handlers.create_customer import new_customer_id
from customer_svc.handlers.psa_shapes import psa_account
from shared.contracts.psa import ImportAnswered
from shared.engine.change import Change, Meta, Reads
from shared.engine.decision import Decision


def handle(answered: ImportAnswered, meta: Meta, *, region: str | None) -> Iterator[Change[Claim, object]]:
    """The claim first: it says which customer the account has, or is going to have, and whether this is a repeat."""
    wanted = Import(
        answered.request_id,
        meta.partner_id,
        answered.integration_id,
        answered.provider,
        psa_account(answered.account),
        Fields(email=answered.email, cc=answered.cc, payment_terms=payment_terms(answered.payment_terms)),
    )
    proposed = new_customer_id(meta)

    def decide(claim: Claim | None, _reads: Reads) -> Decision[Claim, object]:
        return propose(claim, wanted.link, customer_id=proposed, taker=taker(meta))

    def then(claim: Claim) -> Iterator[Change[Any, Any]]:
        if meta.identity not in claim.over:
            yield _importing(wanted, claim.customer_id or proposed, meta, region)

    yield Change(CLAIM, claim_id(meta.partner_id, wanted.link), decide, once=False, then=then)


def _importing(wanted: Import, customer_id: str, meta: Meta, region: str | None) -> Change[Customer, CustomerFact]:
    def decide(customer: Customer | None, _reads: Reads) -> Decision[Customer, CustomerFact]:
        return import_account(customer, wanted, customer_id=customer_id, region=region)

    created_here = customer_id == new_customer_id(meta)
    return Change(
        CUSTOMER,
        customer_id,
        decide,
        creation=created_here,
        then=following(meta, wanted.link, over=True),
        otherwise=settling(meta, wanted.link, customer_id, over=True),
    )
