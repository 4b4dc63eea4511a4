"""What was acknowledged is there after a kill, by the real servers."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import DuplicateKeyError

from embedded.stack import Stack, running
from shared.contracts.topics import TOPICS
from shared.kafka.admin import create_topics
from shared.kafka.cluster import Cluster

pytestmark = pytest.mark.embedded
TOPIC = TOPICS[0].name


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that may be killed without disturbing the session's."""
    with running(tmp_path_factory.mktemp("own")) as stack:
        yield stack


async def test_topics_are_made_from_the_table_and_making_them_again_changes_nothing(own: Stack) -> None:
    created = await create_topics(Cluster(own.bootstrap_servers))

    assert {topic.name for topic in TOPICS} <= set(created)
    assert await create_topics(Cluster(own.bootstrap_servers)) == []


async def test_a_killed_broker_has_every_acknowledged_record_after_its_restart(own: Stack) -> None:
    await create_topics(Cluster(own.bootstrap_servers))
    async with AIOKafkaProducer(bootstrap_servers=own.bootstrap_servers, acks="all") as producer:
        for number in range(200):
            await producer.send(TOPIC, str(number).encode(), partition=0)
        await producer.flush()
    own.kafka.kill()
    own.kafka.start()

    consumer = AIOKafkaConsumer(bootstrap_servers=own.bootstrap_servers, auto_offset_reset="earliest")
    async with consumer:
        consumer.assign([TopicPartition(TOPIC, 0)])
        found = [int(record.value) async for record in _first(consumer, 200)]

    assert found == list(range(200))


async def _first(consumer: AIOKafkaConsumer, count: int):  # type: ignore[no-untyped-def]
    async with asyncio.timeout(20):
        for _ in range(count):
            yield await consumer.getone()


async def test_a_killed_store_has_every_acknowledged_write_after_its_restart(own: Stack) -> None:
    acknowledged: list[int] = []

    async def write(first: int) -> None:
        client: AsyncIOMotorClient[dict[str, int]] = AsyncIOMotorClient(own.mongodb_uri, serverSelectionTimeoutMS=2000)
        writes = client["trial"]["writes"]
        try:
            for number in range(first, first + 100_000):
                await writes.insert_one({"_id": number})
                await writes.replace_one({"_id": -1}, {f"field {at}": number for at in range(50)}, upsert=True)
                acknowledged.append(number)
        finally:
            client.close()

    for kill in range(4):
        writing, enough = asyncio.create_task(write(kill * 100_000)), len(acknowledged) + 300
        while len(acknowledged) < enough and not writing.done():  # noqa: ASYNC110 - the driver tells no event
            await asyncio.sleep(0.01)
        assert not writing.done()
        own.store.kill()
        await asyncio.gather(writing, return_exceptions=True)
        own.store.start()

    client: AsyncIOMotorClient[dict[str, int]] = AsyncIOMotorClient(own.mongodb_uri, serverSelectionTimeoutMS=5000)
    writes = client["trial"]["writes"]
    found = {document.pop("_id"): document async for document in writes.find()}
    by_id = {document["_id"] async for document in writes.find({"_id": {"$in": list(found)}})}
    with pytest.raises(DuplicateKeyError):
        await writes.insert_one({"_id": max(found)})
    client.close()
    assert set(acknowledged) <= set(found)
    assert by_id == set(found)
    assert len(set(found[-1].values())) == 1, "a document is as one write left it"
    assert found[-1]["field 0"] >= acknowledged[-1]


async def test_a_directory_is_taken_up_where_it_stopped(tmp_path: Path) -> None:
    with running(tmp_path / "data") as stack:
        before = stack.endpoints()
        client: AsyncIOMotorClient[dict[str, int]] = AsyncIOMotorClient(stack.mongodb_uri)
        await client["trial"]["kept"].insert_one({"_id": 1})
        client.close()

    with running(tmp_path / "data") as stack:
        client = AsyncIOMotorClient(stack.mongodb_uri)
        kept = await client["trial"]["kept"].count_documents({})
        client.close()

        assert kept == 1
        assert {**stack.endpoints(), "pids": 0} == {**before, "pids": 0}


def test_the_command_says_what_is_wrong_and_ends(tmp_path: Path) -> None:
    (tmp_path / "version").write_text("999\n")

    done = subprocess.run(
        [sys.executable, "-m", "embedded.stack", "--data-dir", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert done.returncode == 1
    assert "written by version 999" in " ".join(done.stderr.split())


async def test_a_collection_that_was_dropped_can_be_written_again(own: Stack) -> None:
    client: AsyncIOMotorClient[dict[str, int]] = AsyncIOMotorClient(own.mongodb_uri, serverSelectionTimeoutMS=5000)
    passing = client["trial"]["passing"]
    await passing.insert_one({"_id": 1})
    await passing.drop()

    await passing.insert_one({"_id": 1})

    assert await passing.count_documents({}) == 1
    await client.drop_database("trial")
    assert await passing.count_documents({}) == 0
    client.close()
