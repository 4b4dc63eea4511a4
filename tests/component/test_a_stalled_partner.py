"""Partners whose PSA takes requests and never answers delay no other partner, however many of them there are."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import httpx
import pytest
from aiokafka import AIOKafkaProducer

from embedded.autotask.samples import FIRST_ID
from embedded.connectwise.samples import FIRST_ID as CONNECTWISE_FIRST_ID
from embedded.stack import Stack
from tests.component.partner import until
from tests.component.process import ready
from tests.component.psa_desk import Desk, Heard, Importer, a_desk

pytestmark = pytest.mark.embedded
STALLED, IMPORTS, LISTS = 7, 3, 2
"""More than the places of a process: 21 imports for 16, 14 lists for 8."""


@pytest.fixture(scope="module")
def desk(stack: Stack, servers: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A call may take longer than this test, so that none ends by itself."""
    patient = {"PSA__CALL_LIMIT_S": "280", "AUTOTASK__CALL_LIMIT_S": "290", "AUTOTASK__ATTEMPT_LIMIT_S": "120"}
    with a_desk(stack, tmp_path_factory.mktemp("stalled"), **patient) as desk:
        yield desk


@pytest.fixture
async def stalled_psa(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    """The simulated Autotask takes every request and answers none, until this test is over."""
    await ready(*desk.parts)
    async with httpx.AsyncClient(base_url=desk.autotask.url, trust_env=False, timeout=30) as control:
        (await control.put("/faults", json={"slow": {"s": 600}})).raise_for_status()
        yield control
        (await control.delete("/faults")).raise_for_status()


async def test_whoever_has_a_psa_that_answers_is_answered_while_all_others_are_stuck(
    desk: Desk, producer: AIOKafkaProducer, heard: Heard, stalled_psa: httpx.AsyncClient
) -> None:
    async with AsyncExitStack() as open_ones:

        async def a_partner() -> Importer:
            return await open_ones.enter_async_context(Importer(desk, producer, f"partner-{uuid.uuid4()}"))

        stuck = [await a_partner() for _ in range(STALLED)]
        waiting: list[tuple[Importer, str]] = []
        for partner in stuck:
            integrations = [await partner.integrates() for _ in range(LISTS)]
            waiting += [(partner, await partner.imports(integrations[0], str(FIRST_ID))) for _ in range(IMPORTS)]

        async def all_are_stuck() -> bool:
            """Each integration has asked where its tenant is, for a list or an import, and waits for the answer."""
            calls = (await stalled_psa.get("/calls", params={"endpoint": "zoneInformation"})).json()
            return len(calls) >= STALLED

        await until(all_are_stuck)
        healthy = await a_partner()
        integration = await healthy.integrates_connectwise()
        request = await healthy.imports(integration, str(CONNECTWISE_FIRST_ID))

        customer = (await heard.until_imported(request))["customer"]
        accounts = await healthy.accounts(integration, limit="200")

        assert customer["integration"]["integration_id"] == integration
        assert len(accounts) > 30
        seen = await asyncio.gather(*(partner.asks("GET", f"/imports/{each}") for partner, each in waiting))
        assert {answer.json()["status"] for answer in seen} == {"pending"}
