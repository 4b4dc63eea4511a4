"""psa-sync-svc dies between reading an account and answering it, and the import is answered all the same, once."""

import asyncio
import uuid
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from embedded.autotask.samples import FIRST_ID
from embedded.stack import Stack
from tests.component.process import ready
from tests.component.psa_desk import Heard, Importer, a_desk
from tests.component.records import LIMIT_S

pytestmark = pytest.mark.embedded
ACCOUNT = str(FIRST_ID)


@pytest.mark.parametrize("failpoint", ["account-fetched", "after-publish"])
async def test_killed_on_the_way_an_import_still_has_one_answer(
    stack: Stack, producer: AIOKafkaProducer, heard: Heard, tmp_path: Path, failpoint: str
) -> None:
    """Whoever comes there first dies as by SIGKILL; the next process takes over when the lease is out."""
    armed = tmp_path / "failpoints"
    armed.mkdir()
    with a_desk(stack, tmp_path, PSA__CALL_LIMIT_S="3", FAILPOINTS=str(armed)) as desk:
        await ready(*desk.parts)
        async with Importer(desk, producer, f"partner-{uuid.uuid4()}") as importer:
            integration = await importer.integrates()
            await importer.accounts(integration)
            (armed / failpoint).touch()
            request = await importer.imports(integration, ACCOUNT)
            async with asyncio.timeout(LIMIT_S):
                while desk.psa.alive():  # noqa: ASYNC110 - a process has no event to wait for
                    await asyncio.sleep(0.05)
            desk.psa.launch()
            await ready(desk.psa)

            imported = await heard.until_imported(request)
            seen = await importer.sees_import(request, "imported")

    assert f"killed at the failpoint {failpoint}" in desk.psa.log.read_text()
    assert seen["customer_id"] == imported["customer"]["customer_id"]
    assert len(heard.told(heard.customers, "CustomerImported", request)) == 1
    await heard.until_answered(request)
    assert len(heard.told(heard.psa, "ImportAnswered", request)) == 1
