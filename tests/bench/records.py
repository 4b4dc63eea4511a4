"""Records made ready before the clock starts: building and encoding them is not what is measured."""

import asyncio
import json
import uuid
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder

from shared.contracts.topics import PARTITIONS, Topic

BATCH_BYTES: Final = 256 * 1024
LIMIT_S: Final = 300.0
_all = list(range(PARTITIONS))
_partition_of = DefaultPartitioner()


@dataclass(frozen=True, slots=True)
class Message:
    id: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


def message(name: str, key: str, data: dict[str, Any]) -> Message:
    id = str(uuid.uuid4())
    told = {"ce_specversion": "1.0", "ce_id": id, "ce_source": "/bench", "ce_type": f"rebilling.{name}.v1"}
    told |= {"ce_time": "2026-07-01T00:00:00Z", "content-type": "application/json"}
    headers = tuple((name, text.encode()) for name, text in told.items())
    return Message(id, key.encode(), json.dumps(data).encode(), headers)


def example(name: str) -> dict[str, Any]:
    """The data of a message's golden example."""
    found: dict[str, Any] = json.loads((files("shared.contracts") / "examples" / f"{name}.v1.json").read_text())
    return found


Ready = list[tuple[int, BatchBuilder]]
"""Batches, each with its partition."""


class Sender:
    """Sends prepared batches, each to the partition where every client would put its keys."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer

    def ready(self, messages: Iterable[Message]) -> Ready:
        open_: dict[int, BatchBuilder] = {}
        ready: Ready = []
        for each in messages:
            partition = _partition_of(each.key, _all, _all)
            if partition not in open_ or not self._fits(open_[partition], each):
                open_[partition] = self._producer.create_batch()
                ready.append((partition, open_[partition]))
                assert self._fits(open_[partition], each)
        for _, batch in ready:
            batch.close()
        return ready

    def _fits(self, batch: BatchBuilder, each: Message) -> bool:
        return batch.append(timestamp=None, key=each.key, value=each.value, headers=list(each.headers)) is not None

    async def send(self, topic: Topic, ready: Ready) -> None:
        await asyncio.gather(
            *[await self._producer.send_batch(batch, topic.name, partition=partition) for partition, batch in ready]
        )

    def last_of_each_partition(self, messages: Sequence[Message]) -> list[str]:
        """The keys of the last message of each partition."""
        last = {_partition_of(each.key, _all, _all): each.key.decode() for each in messages}
        return list(last.values())

    async def send_one(self, topic: Topic, each: Message) -> None:
        await self._producer.send_and_wait(topic.name, each.value, key=each.key, headers=list(each.headers))


@asynccontextmanager
async def sender(servers: str) -> AsyncIterator[Sender]:
    producer = AIOKafkaProducer(bootstrap_servers=servers, enable_idempotence=True, max_batch_size=BATCH_BYTES)
    await producer.start()
    try:
        yield Sender(producer)
    finally:
        await producer.stop()


class Listener:
    """What is said on a topic from now on, taken as it comes, whether somebody waits for it or not.

    aiokafka asks for nothing more of a partition while records of it lie untaken, and for half a second of the others
    alone: what comes next in that one would have to wait for it.
    """

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._records: deque[ConsumerRecord[bytes, bytes]] = deque()
        self._more = asyncio.Event()
        self._taking = asyncio.create_task(self._take())

    async def count(self, number: int, ce_type: bytes = b"") -> None:
        """Returns when so many records have come, of this type where one is named."""
        async with asyncio.timeout(LIMIT_S):
            while number > 0:
                record = await self._next()
                if not ce_type or ce_type in _type(record):
                    number -= 1

    async def until(self, key: bytes, ce_type: bytes = b"") -> None:
        """Returns when a record with this key has come."""
        async with asyncio.timeout(LIMIT_S):
            while True:
                record = await self._next()
                if record.key == key and (not ce_type or ce_type in _type(record)):
                    return

    async def stop(self) -> None:
        self._taking.cancel()
        await asyncio.gather(self._taking, return_exceptions=True)

    async def _take(self) -> None:
        try:
            while True:
                for records in (await self._consumer.getmany(timeout_ms=1_000)).values():
                    self._records += records
                    self._more.set()
        finally:
            self._more.set()

    async def _next(self) -> "ConsumerRecord[bytes, bytes]":
        while not self._records:
            if self._taking.done():
                self._taking.result()
            self._more.clear()
            await self._more.wait()
        return self._records.popleft()


def _type(record: Any) -> bytes:
    return bytes(dict(record.headers)["ce_type"])


@asynccontextmanager
async def listener(servers: str, topic: Topic) -> AsyncIterator[Listener]:
    consumer = AIOKafkaConsumer(topic.name, bootstrap_servers=servers, auto_offset_reset="latest")
    await consumer.start()
    try:
        await consumer.seek_to_end()
        found = Listener(consumer)
        try:
            yield found
        finally:
            await found.stop()
    finally:
        await consumer.stop()
