"""The engine's suite runs twice: with everything in memory, and over the embedded store and broker."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from embedded.stack import Stack
from shared.contracts.topics import Topic
from shared.engine.ports import Record
from shared.kafka.admin import create_topics
from shared.kafka.cluster import Cluster
from shared.kafka.publisher import KafkaPublisher
from shared.store.mongo import MongoStore
from tests.engine.toys import Bench, Broker, a_bench

_MEANT_FOR = "meant-for"


class InKafka(Broker):
    """The same faults in front of Kafka itself. All topics are one of one partition, so that the order over all of them
    is seen; which one a record is for is a header of it."""

    def __init__(self, servers: str, topic: str) -> None:
        super().__init__()
        self._servers, self._at = servers, TopicPartition(topic, 0)
        self.publisher = KafkaPublisher(Cluster(servers), "test")

    async def _take(self, record: Record) -> Awaitable[None]:
        headers = [*record.headers, (_MEANT_FOR, record.topic.encode())]
        return await self.publisher.send(Record(self._at.topic, record.key, record.value, headers))

    async def said(self) -> Sequence[Record]:
        found: list[Record] = []
        consumer = AIOKafkaConsumer(bootstrap_servers=self._servers, auto_offset_reset="earliest")
        async with consumer:
            consumer.assign([self._at])
            end = (await consumer.end_offsets([self._at]))[self._at]
            while await consumer.position(self._at) < end:
                for read in (await consumer.getmany(timeout_ms=1000)).get(self._at, ()):
                    *headers, (_, meant_for) = read.headers
                    found.append(Record(meant_for.decode(), read.key, read.value, headers))
        return found


@pytest.fixture(params=["memory", pytest.param("real", marks=pytest.mark.embedded)])
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    if request.param == "memory":
        yield a_bench()
        return
    stack: Stack = request.getfixturevalue("stack")
    async with _over(stack, f"engine-{uuid.uuid4().hex[:8]}") as bench:
        yield bench


@asynccontextmanager
async def _over(stack: Stack, name: str) -> AsyncIterator[Bench]:
    topic = Topic(name=name, owners=("test",), carries="", key="", partitions=1)
    await create_topics(Cluster(stack.bootstrap_servers), topics=[topic])
    broker = InKafka(stack.bootstrap_servers, name)
    store = MongoStore(stack.mongodb_uri, name)
    await broker.publisher.start()
    try:
        yield a_bench(store, broker)
    finally:
        await broker.publisher.stop()
        store.close()
