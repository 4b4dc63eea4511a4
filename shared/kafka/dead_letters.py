"""Records that could not be taken go aside, byte for byte, with the reason; nothing of them is lost."""

import asyncio
import gzip
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog
from aiokafka import ConsumerRecord

from shared.contracts.topics import Topic, dead_letters
from shared.engine.ports import Publisher, Record, TooLarge
from shared.kafka.cloudevents import Unreadable, whose
from shared.values.moments import stamp

_log = structlog.get_logger(__name__)
Headers = Sequence[tuple[str, bytes]]


class DeadLetters:
    """The dead letters of one topic in one service. Topic, partition and offset tell a repeat after a crash."""

    def __init__(self, publisher: Publisher, topic: Topic, service: str) -> None:
        self._publisher, self._topic = publisher, dead_letters(topic, service).name

    async def put(self, record: "ConsumerRecord[bytes, bytes]", why: Unreadable) -> None:
        """Returns when the broker has confirmed it. Raises `Unavailable`.

        A record that came compressed may be larger than anything that we can say: then its value goes aside
        compressed, and where that is no help, what tells where it stands.
        """
        added = _added(record, why)
        try:
            await self._send(record.key, record.value, [*record.headers, *added])
        except TooLarge:
            packed = await asyncio.to_thread(gzip.compress, record.value or b"")
            try:
                await self._send(record.key, packed, [*record.headers, *added, ("rebilling_dlq_value", b"gzip")])
            except TooLarge:
                at = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
                told = "a dead letter is too large to be kept; the record itself is still where it was"
                _log.exception(told, **at, **whose(record))
                await self._send(None, None, [*added, ("rebilling_dlq_value", b"left out")])

    async def _send(self, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        await (await self._publisher.send(Record(self._topic, key, value, headers)))


def _added(record: "ConsumerRecord[bytes, bytes]", why: Unreadable) -> list[tuple[str, bytes]]:
    added = {
        "reason": why.reason,
        "detail": why.detail,
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "time": stamp(datetime.now(UTC)),
    }
    return [(f"rebilling_dlq_{name}", text.encode()) for name, text in added.items()]
