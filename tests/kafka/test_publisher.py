"""What the engine asks of a publisher, of the one that its tests use and of Kafka's."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared.contracts.topics import MESSAGE_BYTES, Topic
from shared.engine.errors import Unavailable
from shared.engine.ports import Publisher, Record, TooLarge
from shared.kafka.admin import create_topics
from shared.kafka.cluster import Cluster
from shared.kafka.publisher import KafkaPublisher
from tests.engine.toys import Broker

LIMIT_S = 60.0
Read = tuple[bytes | None, bytes | None, Sequence[tuple[str, bytes]]]


@dataclass(frozen=True, slots=True)
class Place:
    """A publisher, one topic that it may use, and what stands in that topic."""

    publisher: Publisher
    topic: str
    standing: Callable[[int], Awaitable[list[Read]]]

    def record(self, value: bytes | None, *, key: bytes = b"k") -> Record:
        return Record(self.topic, key, value, [("ce_id", b"1")])

    async def say(self, *values: bytes) -> None:
        answers = [await self.publisher.send(self.record(value)) for value in values]
        await asyncio.wait_for(asyncio.gather(*answers), LIMIT_S)


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.embedded)])
def place(request: pytest.FixtureRequest) -> Place:
    name = "in_memory" if request.param == "memory" else "in_kafka"
    found: Place = request.getfixturevalue(name)
    return found


@pytest.fixture
def in_memory() -> Place:
    broker = Broker()

    async def standing(count: int) -> list[Read]:
        return [(record.key, record.value, record.headers) for record in broker.records][:count]

    return Place(broker, "tallies", standing)


@pytest.fixture
async def in_kafka(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    servers = request.getfixturevalue("stack").bootstrap_servers
    topic = f"publisher-{uuid.uuid4().hex[:8]}"
    await create_topics(
        Cluster(servers), topics=[Topic(name=topic, owners=("test",), carries="", key="", partitions=1)]
    )
    publisher = KafkaPublisher(Cluster(servers), "test")
    await publisher.start()

    async def standing(count: int) -> list[Read]:
        consumer = AIOKafkaConsumer(bootstrap_servers=servers, auto_offset_reset="earliest")
        async with consumer, asyncio.timeout(LIMIT_S):
            consumer.assign([TopicPartition(topic, 0)])
            records: list[Any] = [await consumer.getone() for _ in range(count)]
        return [(record.key, record.value, list(record.headers)) for record in records]

    yield Place(publisher, topic, standing)
    await publisher.stop()


async def test_what_is_sent_under_one_key_stands_in_the_order_of_sending(place: Place) -> None:
    values = [str(number).encode() for number in range(200)]

    await place.say(*values)

    assert [value for _, value, _ in await place.standing(200)] == values


async def test_a_record_arrives_byte_for_byte_and_without_a_value_too(place: Place) -> None:
    sent = [place.record(b"\x00\xff"), place.record(None, key=b"\xfe")]
    for record in sent:
        await (await place.publisher.send(record))

    assert await place.standing(2) == [(record.key, record.value, record.headers) for record in sent]


async def test_a_record_that_is_too_large_is_named_so_and_the_next_one_goes_out(place: Place) -> None:
    with pytest.raises(TooLarge):
        await (await place.publisher.send(place.record(b"x" * (MESSAGE_BYTES + 1))))
    await place.say(b"next")

    assert [value for _, value, _ in await place.standing(1)] == [b"next"]


async def test_without_a_broker_nothing_is_taken() -> None:
    away = Broker()
    away.away = True

    for publisher in (away, KafkaPublisher(Cluster("127.0.0.1:1"), "test")):
        with pytest.raises(Unavailable):
            await publisher.send(Record("t", b"k", b"v", []))


@pytest.mark.embedded
async def test_a_producer_whose_sequence_is_lost_is_replaced_by_a_new_one(in_kafka: Place) -> None:
    await in_kafka.say(b"1")
    producer = producer_of(in_kafka)
    producer._txn_manager.increment_sequence_number(TopicPartition(in_kafka.topic, 0), 7)

    with pytest.raises(Unavailable):
        await in_kafka.say(b"2")
    await in_kafka.say(b"2", b"3")

    assert producer_of(in_kafka) is not producer
    assert [value for _, value, _ in await in_kafka.standing(3)] == [b"1", b"2", b"3"]


@pytest.mark.embedded
async def test_a_producer_whose_sender_died_is_replaced_by_a_new_one(
    in_kafka: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    await in_kafka.say(b"1")
    sender = producer_of(in_kafka)._sender
    monkeypatch.setattr(sender._message_accumulator, "drain_by_nodes", broken)

    with pytest.raises(Unavailable):
        await in_kafka.say(b"2")
    await in_kafka.say(b"2")

    assert [value for _, value, _ in await in_kafka.standing(2)] == [b"1", b"2"]


@pytest.mark.embedded
async def test_what_a_producer_that_was_given_up_has_not_confirmed_is_answered(in_kafka: Place) -> None:
    await in_kafka.say(b"1")
    producer = producer_of(in_kafka)
    producer._sender._muted_partitions.add(TopicPartition(in_kafka.topic, 0))  # as while its leader is unknown
    waiting = asyncio.ensure_future(await in_kafka.publisher.send(in_kafka.record(b"2")))
    await asyncio.sleep(0)

    assert isinstance(in_kafka.publisher, KafkaPublisher)
    await in_kafka.publisher._renew(producer, KafkaError("its sender died"))

    with pytest.raises(Unavailable):
        await asyncio.wait_for(waiting, LIMIT_S)
    await in_kafka.say(b"2", b"3")
    assert [value for _, value, _ in await in_kafka.standing(3)] == [b"1", b"2", b"3"]


@pytest.mark.embedded
async def test_a_publisher_that_was_stopped_makes_no_new_producer(in_kafka: Place) -> None:
    assert isinstance(in_kafka.publisher, KafkaPublisher)
    await in_kafka.publisher.stop()

    with pytest.raises(Unavailable):
        await in_kafka.say(b"1")

    assert producer_of(in_kafka) is None


def producer_of(place: Place) -> Any:
    assert isinstance(place.publisher, KafkaPublisher)
    return place.publisher._producer


def broken(**_: Any) -> None:
    raise ValueError("a bug")
