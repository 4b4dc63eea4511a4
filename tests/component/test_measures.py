"""What stands in the outboxes is measured whether or not it can be published: just then it matters."""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from time import time
from typing import Any

import pytest
from pydantic import SecretStr

from embedded.ports import LOOPBACK, free_port
from embedded.stack import Stack
from shared import service
from shared.engine.change import Kind
from shared.service import Core
from shared.settings import KafkaSettings, MongoSettings
from shared.telemetry import metrics
from tests.engine.toys import Tally, adding, meta, told

pytestmark = pytest.mark.embedded
LIMIT_S = 20.0


@pytest.fixture
def kind() -> Kind[Tally, Any]:
    """Its collection is no other test's, since measures are the process's."""
    return Kind(f"measured_{uuid.uuid4().hex[:8]}", Tally, tell=told, id_name="tally_id")


@pytest.fixture
async def core(stack: Stack, kind: Kind[Tally, Any], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Core]:
    """It is starting, and its broker is not there."""
    monkeypatch.setattr(service, "MEASURE_S", 0.05)
    kafka = KafkaSettings(bootstrap_servers=f"{LOOPBACK}:{free_port()}")
    mongo = MongoSettings(uri=SecretStr(stack.mongodb_uri), database_prefix=f"{kind.collection}_")
    core = Core("toy-svc", kafka, mongo, [kind], [])
    starting = asyncio.create_task(core.start())
    yield core
    starting.cancel()
    await core.stop()


async def measured(name: str, kind: Kind[Tally, Any], at_least: float) -> None:
    """Returns once the gauge has risen so far."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            found = re.search(rf'{name}{{collection="{kind.collection}"}} (\S+)', metrics.exposition().decode())
            if found is not None and float(found[1]) >= at_least:
                return
            await asyncio.sleep(0.02)


async def test_the_outboxes_grow_to_be_seen_while_the_broker_is_away(core: Core, kind: Kind[Tally, Any]) -> None:
    await core.engine.execute([adding("a", 1, kind=kind)], meta("1"))
    long_ago = int((time() - 3600) * 1000)
    assert await core.store.update_if(kind.collection, "a", {}, {"$set": {"saved_at": long_ago}})
    await measured("outbox_depth", kind, 1)
    await measured("outbox_oldest_seconds", kind, 3600)

    await core.engine.execute([adding("b", 1, kind=kind)], meta("2"))

    await measured("outbox_depth", kind, 2)
