"""What is left by a process that died, and what several do at the same moment, comes out right."""

import asyncio
import random
from typing import Any
from uuid import uuid4

import pytest

from customer_svc.domain.customer import Account
from shared.contracts.base import Command
from shared.contracts.customers import (
    ArchiveCustomer,
    CreateCustomer,
    EnableCustomer,
    LinkIntegration,
    UnlinkIntegration,
)
from shared.contracts.psa import ImportAnswered, PsaAccount
from shared.contracts.topics import CUSTOMERS_COMMANDS, PSA
from shared.engine.errors import Abandoned
from shared.store.memory import MemoryStore
from tests.slow_store import SlowStore

PARTNER, INTEGRATION = "harbour-it", str(uuid4())
ACCOUNT = Account(INTEGRATION, "4711")


class Dying(MemoryStore):
    """A store that is not reached again after so many saves."""

    saves_left = 1_000

    async def save(self, collection: str, writes: Any) -> set[str]:
        self.saves_left -= 1
        return await super().save(collection, writes)


def creating(customer_id: str) -> CreateCustomer:
    account = {"integration_id": INTEGRATION, "account_id": ACCOUNT.account_id}
    return CreateCustomer.model_validate(
        {"partner_id": PARTNER, "customer_id": customer_id, "company_name": "Harbour", "integration": account}
    )


def linking(customer_id: str) -> LinkIntegration:
    return LinkIntegration(
        partner_id=PARTNER, customer_id=customer_id, integration_id=INTEGRATION, account_id=ACCOUNT.account_id
    )


def asked(command: type[Command], customer_id: str) -> Command:
    return command.model_validate({"partner_id": PARTNER, "customer_id": customer_id})


def importing(request_id: str) -> ImportAnswered:
    return ImportAnswered(
        request_id=request_id,
        partner_id=PARTNER,
        integration_id=INTEGRATION,
        provider="autotask",
        account=PsaAccount(account_id=ACCOUNT.account_id, company_name="Wattle Clinic"),
    )


@pytest.mark.parametrize("saves", [0, 1, 2])
@pytest.mark.parametrize("imported", [True, False])
async def test_a_crash_after_any_save_is_completed_by_the_redelivery(
    new_service: Any, saves: int, imported: bool
) -> None:
    store = Dying()
    service, customer_id = new_service(store), str(uuid4())
    message, topic = (importing("r1"), PSA) if imported else (creating(customer_id), CUSTOMERS_COMMANDS)
    store.saves_left = saves
    with pytest.raises(Abandoned):
        await service.engine.apply([service.task(topic, message, "m1")], lambda: store.saves_left > 0)

    again = new_service(store)
    await again.handle(again.task(topic, message, "m1"))
    await again.handle(again.task(topic, message, "m1"))
    await again.say_what_is_left()

    expected = ["CustomerCreated", "CustomerLinked", "EmailMissing"] + ["CustomerImported"] * imported
    assert again.names() == expected
    claim = await again.claim(ACCOUNT)
    assert claim.takers == ()
    assert (await again.customer(claim.customer_id)).is_linked_with(ACCOUNT)


@pytest.mark.parametrize("seed", range(40))
async def test_whatever_comes_at_the_same_moment_an_account_has_one_customer_and_its_claim_says_so(
    new_service: Any, seed: int
) -> None:
    chance = random.Random(seed)
    store = SlowStore(chance)
    services = [new_service(store) for _ in range(4)]
    customers = [str(uuid4()) for _ in range(3)]

    async def some(service: Any, number: int) -> None:
        for step in range(6):
            who, id = chance.choice(customers), f"{number}-{step}"
            plain = chance.choice((UnlinkIntegration, ArchiveCustomer, EnableCustomer))
            message = chance.choice([creating(who), linking(who), asked(plain, who), importing(id)])
            topic = PSA if isinstance(message, ImportAnswered) else CUSTOMERS_COMMANDS
            await service.handle(service.task(topic, message, id))

    await asyncio.gather(*(some(service, number) for number, service in enumerate(services)))

    docs = await store.find("customers", {})
    linked = [doc["_id"] for doc in docs if doc["state"]["integration"] is not None]
    claims = await store.find("claims", {})
    assert [claim["state"]["customer_id"] for claim in claims] in ([], linked or [None])
    assert all(not claim["state"]["takers"] for claim in claims)
