"""Topics as an outsider sees them: records that are produced by hand, and all that a topic holds."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaConsumer

from shared.contracts.topics import TOPICS
from shared.kafka.admin import create_topics
from shared.kafka.cluster import Cluster

LIMIT_S = 60.0

Header = tuple[str, bytes | None]


class Reader:
    """Everything that a topic holds, read from its beginning."""

    def __init__(self, servers: str, topic: str) -> None:
        self._servers, self._topic = servers, topic
        self.records: list[Any] = []

    async def __aenter__(self) -> "Reader":
        self._consumer = AIOKafkaConsumer(self._topic, bootstrap_servers=self._servers, auto_offset_reset="earliest")
        await self._consumer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def until(self, found: Callable[[list[Any]], bool]) -> list[Any]:
        async with asyncio.timeout(LIMIT_S):
            while not found(self.records):
                for records in (await self._consumer.getmany(timeout_ms=100)).values():
                    self.records.extend(records)
        return self.records

    async def until_about(self, key: str, times: int = 1) -> list[Any]:
        """All records with this key, once there are so many."""
        return about(await self.until(lambda records: len(about(records, key)) >= times), key)

    async def until_said(self, subject: str, name: str, times: int = 1) -> list[tuple[str, dict[str, Any]]]:
        """Name and data of all that was said of this subject, once `name` was said so often."""

        def said(records: list[Any]) -> bool:
            return sum(ce_type(record) == name for record in of(records, subject)) >= times

        found = of(await self.until(said), subject)
        return [(ce_type(record), json.loads(record.value)) for record in found]


def of(records: list[Any], subject: str) -> list[Any]:
    """What was said of this subject; a repeat, which has the same id, counts once."""
    found: dict[bytes, Any] = {}
    for record in records:
        told = dict(record.headers)
        if told.get("ce_subject") == subject.encode():
            found.setdefault(told["ce_id"], record)
    return list(found.values())


def about(records: list[Any], key: str) -> list[Any]:
    return [record for record in records if record.key == key.encode()]


def ce_type(record: Any) -> str:
    return str(dict(record.headers)["ce_type"], "utf-8").split(".")[1]


def a_command(name: str, id: str, source: str = "/test") -> list[Header]:
    told = {"ce_specversion": "1.0", "ce_id": id, "ce_source": source, "ce_type": f"rebilling.{name}.v1"}
    return [*((key, value.encode()) for key, value in told.items()), ("content-type", b"application/json")]


async def topics_that_lead(servers: str) -> None:
    """Makes all topics, and returns once the broker answers for every partition: a new one has no leader at first."""
    await create_topics(Cluster(servers))
    consumer = AIOKafkaConsumer(*(topic.name for topic in TOPICS), bootstrap_servers=servers)
    await consumer.start()
    try:
        async with asyncio.timeout(LIMIT_S):
            await consumer.end_offsets(list(consumer.assignment()))
    finally:
        await consumer.stop()
