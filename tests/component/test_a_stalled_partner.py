"""Partners whose PSA never answers, or takes no more calls, delay no other partner in anything: each PSA in turn."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from embedded.stack import Stack
from tests.component.both_sides import QUICK, BothSides, Linked
from tests.component.partner import until
from tests.component.process import ready
from tests.component.psa_desk import Desk, Heard, Importer, a_desk
from tests.providers import PROVIDERS, Provider

pytestmark = pytest.mark.embedded
STUCK, OF_EACH = 3, 3
"""Nine imports and nine pushes for six places of each kind."""
OTHERS = (10, 11)
"""Samples that nobody edits who is stuck."""
TROUBLES: Mapping[str, Mapping[str, Any]] = {
    "never answers": {"slow": {"s": 600}},
    "takes no more calls": {"status": {"code": 429, "retry_after": "600"}},
}
STEPS = {"autotask": 7, "connectwise": 3, "halopsa": 2}
"""From one sample's id to the next."""


def sample(provider: Provider, number: int) -> str:
    return str(provider.first_id + STEPS[provider.name] * number)


@pytest.fixture
def desk(stack: Stack, servers: str, tmp_path: Path) -> Iterator[Desk]:
    """A call may take longer than a test, so that none ends by itself; a person's soon does. Each test has a desk of
    its own, since what hangs goes on hanging."""
    patient = {"PSA__CALL_LIMIT_S": "280", "PSA__INTERACTIVE_LIMIT_S": "2"}
    for provider in PROVIDERS:
        patient |= {f"{provider.name.upper()}__CALL_LIMIT_S": "290", f"{provider.name.upper()}__ATTEMPT_LIMIT_S": "120"}
    for kind in ("FETCHES", "SYNCS"):
        patient |= {f"PSA__{kind}_AT_ONCE": "6", f"PSA__{kind}_OF_ONE_PARTNER": "3"}
    with a_desk(stack, tmp_path, **patient, **QUICK) as desk:
        yield desk


@dataclass
class Office:
    """A partner with customers that are linked with accounts of its PSA, and an import of one more."""

    sides: BothSides
    linked: list[Linked]

    async def asks_for_everything(self) -> list[str]:
        """Changes on both sides, imports, and a second integration, whose list was never read; answers the imports."""
        provider, importer = self.sides.provider, self.sides.importer
        for each in self.linked:
            await self.sides.edits_here(each, company_name=f"Edited {each.account_id}")
        another = await BothSides.of(importer, provider)
        ids = (self.sides.integration_id, another.integration_id)
        return [await importer.imports(ids[n % 2], sample(provider, OF_EACH + n)) for n in range(OF_EACH)]


@pytest.fixture
async def offices(desk: Desk, producer: AIOKafkaProducer, heard: Heard) -> AsyncIterator[Any]:
    await ready(*desk.parts)
    async with AsyncExitStack() as open_ones:

        async def an_office(provider: Provider, *samples: int) -> Office:
            importer = await open_ones.enter_async_context(Importer(desk, producer, f"partner-{uuid.uuid4()}"))
            sides = await BothSides.of(importer, provider)
            wanted = [sample(provider, number) for number in samples]
            requests = [(await importer.imports(sides.integration_id, id), id) for id in wanted]
            found = [(await heard.until_imported(request), id) for request, id in requests]
            linked = [Linked(told["customer"]["customer_id"], id) for told, id in found]
            for each in linked:
                await sides.until_link_is(each, "in_step")
            return Office(sides, linked)

        yield an_office


@asynccontextmanager
async def in_trouble(sides: BothSides, trouble: Mapping[str, Any]) -> AsyncIterator[None]:
    await sides.controls("PUT", "/faults", trouble)
    try:
        yield
    finally:
        await sides.controls("DELETE", "/faults")


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda each: each.name)
async def test_imports_pushes_polls_and_lists_of_others_go_on(
    offices: Any, heard: Heard, provider: Provider, trouble: str
) -> None:
    other = PROVIDERS[(PROVIDERS.index(provider) + 1) % len(PROVIDERS)]
    stuck = [await offices(provider, *range(OF_EACH)) for _ in range(STUCK)]
    healthy = await offices(other, *OTHERS)
    sides, (pushed, polled) = healthy.sides, healthy.linked
    async with in_trouble(stuck[0].sides, TROUBLES[trouble]):
        waiting = [(each, await each.asks_for_everything()) for each in stuck]
        await until_all_wait(waiting)

        await sides.edits_here(pushed, company_name=f"Ours {trouble} 🐳")
        await sides.edits_there(polled, company_name=f"Theirs {trouble} Ø")
        fresh = await BothSides.of(sides.importer, other)
        imported = await fresh.imports(heard, sample(other, OTHERS[-1] + 1))
        listed = await sides.importer.accounts(fresh.integration_id, limit="200")
        found = await sides.importer.accounts(sides.integration_id, search=imported.account_id)
        await sides.until_both_have(pushed, company_name=f"Ours {trouble} 🐳")
        await sides.until_both_have(polled, company_name=f"Theirs {trouble} Ø")

        assert len(listed) > 30
        assert [each["account_id"] for each in found] == [imported.account_id]
        assert await still_waiting(waiting) == {"pending"}


async def until_all_wait(waiting: list[tuple[Office, list[str]]]) -> None:
    """Each has something of its own under way: a push that is held up."""

    async def they_do() -> bool:
        links = [await office.sides.link(each) for office, _ in waiting for each in office.linked]
        return {link["state"] for link in links} == {"waiting"}

    await until(they_do)


async def still_waiting(waiting: list[tuple[Office, list[str]]]) -> set[str]:
    asked = [office.sides.importer.asks("GET", f"/imports/{id}") for office, ids in waiting for id in ids]
    return {answer.json()["status"] for answer in await asyncio.gather(*asked)}
