"""psa-sync-svc dies while it imports many accounts, and each becomes a customer all the same, once."""

import asyncio
import json
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from embedded.stack import Stack
from tests.component.partner import until
from tests.component.process import ready
from tests.component.psa_desk import Heard, Importer, a_desk
from tests.component.records import LIMIT_S, ce_type

pytestmark = pytest.mark.embedded
ACCOUNTS = 25


@pytest.mark.parametrize("failpoint", ["bulk-asked", "account-fetched"])
async def test_killed_on_the_way_every_account_still_becomes_one_customer(
    stack: Stack, producer: AIOKafkaProducer, heard: Heard, tmp_path: Path, failpoint: str
) -> None:
    """Several stretches, since ten are open at once; the next process takes over when the lease is out."""
    armed = tmp_path / "failpoints"
    armed.mkdir()
    more = {"PSA__CALL_LIMIT_S": "3", "PSA__BULK_OPEN_AT_ONCE": "10", "FAILPOINTS": str(armed)}
    with a_desk(stack, tmp_path, **more) as desk:
        await ready(*desk.parts)
        async with Importer(desk, producer, f"partner-{uuid.uuid4()}") as importer:
            integration = await importer.integrates()
            listed = await importer.accounts(integration, limit=str(ACCOUNTS))
            ids = [each["account_id"] for each in listed]
            (armed / failpoint).touch()
            body = {"integration_id": integration, "account_ids": ids, "skip_likely_duplicates": False}
            bulk = (await importer.asks("POST", "/bulk-imports", body)).raise_for_status().json()
            async with asyncio.timeout(LIMIT_S):
                while desk.psa.alive():  # noqa: ASYNC110 - a process has no event to wait for
                    await asyncio.sleep(0.05)
            desk.psa.launch()
            await ready(desk.psa)

            shown = await _over(importer, bulk["bulk_id"])
            last = await heard.psa.until(lambda records: bool(_ends(records, bulk["bulk_id"])))

    assert f"killed at the failpoint {failpoint}" in desk.psa.log.read_text()
    assert (shown["status"], shown["counts"]["found"], shown["counts"]["skipped"]) == ("done", ACCOUNTS, 0)
    assert shown["counts"]["asked"] == shown["counts"]["imported"] == ACCOUNTS
    assert [each["counts"] for each in _ends(last, bulk["bulk_id"])] == [shown["counts"]]
    made = await heard.customers.until(lambda records: len(_imported(records, importer.id)) >= ACCOUNTS)
    assert Counter(_imported(made, importer.id)) == Counter(ids)


async def _over(importer: Importer, bulk_id: str) -> dict[str, Any]:
    found: dict[str, Any] = {}

    async def is_over() -> bool:
        found.update((await importer.asks("GET", f"/bulk-imports/{bulk_id}")).raise_for_status().json())
        return found["over_at"] is not None

    await until(is_over)
    return found


def _ends(records: list[Any], bulk_id: str) -> list[dict[str, Any]]:
    told = _told(records, "BulkImportProgressed")
    return [each for each in told if each["bulk_id"] == bulk_id and each["status"] == "done"]


def _imported(records: list[Any], partner_id: str) -> list[str]:
    """The accounts that became a customer, as often as that was said."""
    customers = [each["customer"] for each in _told(records, "CustomerImported")]
    return [each["integration"]["account_id"] for each in customers if each["partner_id"] == partner_id]


def _told(records: list[Any], name: str) -> list[dict[str, Any]]:
    """A repeat, which has the same id, counts once."""
    found = {dict(each.headers)["ce_id"]: json.loads(each.value) for each in records if ce_type(each) == name}
    return list(found.values())
