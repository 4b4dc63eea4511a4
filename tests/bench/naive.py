"""The same commands by a straightforward FastStream handler, one message at a time, for comparison."""

import asyncio
import sys
import time
from types import TracebackType
from typing import Any, Final, Self

from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import BaseModel

from embedded.part import Part
from shared.contracts.topics import Topic
from shared.kafka.admin import create_topics
from shared.kafka.cluster import Cluster
from tests.bench.customers import Updates
from tests.bench.limits import LIMIT
from tests.bench.records import Sender, listener
from tests.bench.running import CUSTOMERS, Running

COMMANDS: Final = Topic("bench.naive.commands", ("bench",), "commands for the naive handler", "customer_id")
EVENTS: Final = Topic("bench.naive", ("bench",), "events of the naive handler", "customer_id")
_KEPT: Final = 64


class Update(BaseModel):
    partner_id: str
    customer_id: str
    set: dict[str, Any]


def application(servers: str, mongodb: str, database: str) -> FastStream:
    """Reads a customer, recognises repeats, saves it guarded, publishes the event, and acknowledges."""
    broker = KafkaBroker(servers, enable_idempotence=True, acks="all", logger=None)
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongodb, w="majority", journal=True)
    customers = client[database][LIMIT]

    @broker.subscriber(COMMANDS.name, group_id="naive", auto_offset_reset="earliest", ack_policy=AckPolicy.ACK)
    async def update(command: Update, message: KafkaMessage) -> None:
        identity, key = message.headers["ce_id"], {"_id": command.customer_id}
        doc = await customers.find_one(key)
        if doc is None or identity in doc.get("naive", []):
            return
        version = doc["version"] + 1
        state = {**doc["state"], **command.set, "version": version}
        handled = [*doc.get("naive", []), identity][-_KEPT:]
        fresh = {**doc, "rev": doc["rev"] + 1, "version": version, "state": state, "naive": handled}
        if not (await customers.replace_one({**key, "rev": doc["rev"]}, fresh)).matched_count:
            raise RuntimeError("another writer was first")
        headers = {"ce_type": "rebilling.CustomerUpdated.v1", "ce_causationid": identity}
        await broker.publish({"customer": state}, EVENTS.name, key=command.customer_id.encode(), headers=headers)

    return FastStream(broker)


class NaiveHandler:
    """The handler as a process of its own."""

    def __init__(self, run: Running, sender: Sender, updates: Updates) -> None:
        command = [sys.executable, "-m", "tests.bench.naive", run.kafka, run.mongodb, run.database(CUSTOMERS)]
        self._part = Part("naive", command, run.data.port("naive"), run.data.path / "logs" / "naive.log")
        self._run, self._sender, self._updates = run, sender, updates

    async def __aenter__(self) -> Self:
        await create_topics(Cluster(self._run.kafka), topics=[COMMANDS, EVENTS])
        self._part.launch()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, e: BaseException | None, t: TracebackType | None
    ) -> None:
        self._part.stop()

    async def rate(self, number: int) -> float:
        """Commands per second, to the last event read."""
        ready = self._sender.ready([self._updates() for _ in range(number)])
        async with listener(self._run.kafka, EVENTS) as said:
            began = time.perf_counter()
            await self._sender.send(COMMANDS, ready)
            await said.count(number)
            return number / (time.perf_counter() - began)


if __name__ == "__main__":
    asyncio.run(application(*sys.argv[1:]).run())
