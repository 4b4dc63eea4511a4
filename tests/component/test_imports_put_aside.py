"""An import whose answer customer-svc has put aside says whom it waits for, and ends once that is said again."""

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from pymongo import MongoClient

from embedded.autotask.samples import FIRST_ID
from embedded.stack import Stack
from shared.contracts.topics import CUSTOMER_SVC, PSA, dead_letters
from tests.component.process import ready
from tests.component.psa_desk import Heard, Importer, a_desk
from tests.component.records import Reader

pytestmark = pytest.mark.embedded
ACCOUNT = str(FIRST_ID)
ASIDE = dead_letters(PSA, CUSTOMER_SVC).name


def replayed(stack: Stack, *arguments: str) -> str:
    """`rebilling-replay`, as an operator runs it."""
    env = {**os.environ, "REBILLING_KAFKA__BOOTSTRAP_SERVERS": stack.bootstrap_servers}
    command = [sys.executable, "-m", "shared.kafka.replay", ASIDE, *arguments]
    return subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout


async def test_it_says_whom_it_waits_for_and_ends_once_its_answer_is_said_again(
    stack: Stack, producer: AIOKafkaProducer, heard: Heard, tmp_path: Path
) -> None:
    """The document of the account's claim cannot be read: a bug, a backup, somebody's hand."""
    with a_desk(stack, tmp_path) as desk:
        await ready(*desk.parts)
        database = f"{desk.customers.env['REBILLING_MONGODB__DATABASE_PREFIX']}customer_svc"
        async with (
            Importer(desk, producer, f"partner-{uuid.uuid4()}") as importer,
            Reader(stack.bootstrap_servers, ASIDE) as letters,
        ):
            integration = await importer.integrates()
            with MongoClient[dict[str, object]](stack.mongodb_uri) as client:
                claims, claim = client[database]["claims"], f"{importer.id}|{integration}|{ACCOUNT}"
                claims.insert_one({"_id": claim, "partner_id": importer.id, "state": "unreadable"})
                request = await importer.imports(integration, ACCOUNT)
                found = await letters.until(lambda found: any(request in str(each.value) for each in found))
                [letter] = [each for each in found if request in str(each.value)]
                waiting = await importer.sees_import(request, "answered")
                claims.delete_one({"_id": claim})
            assert f"{letter.offset}  " in replayed(stack)
            assert "1 said again on rebilling.psa" in replayed(stack, "--say", "--offset", str(letter.offset))
            imported = await heard.until_imported(request)
            seen = await importer.sees_import(request, "imported")

    assert (waiting["waits_for"], waiting["customer_id"]) == ("customer-svc", None)
    assert (seen["waits_for"], seen["customer_id"]) == (None, imported["customer"]["customer_id"])
    assert len(heard.told(heard.customers, "CustomerImported", request)) == 1
