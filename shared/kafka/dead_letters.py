"""Records that could not be taken go aside, byte for byte, with the reason; nothing of them is lost."""

from collections.abc import Awaitable
from datetime import UTC, datetime

from aiokafka import ConsumerRecord

from shared.contracts.topics import Topic, dead_letters
from shared.engine.ports import Publisher, Record
from shared.kafka.cloudevents import Unreadable


class DeadLetters:
    """The dead letters of one topic in one service. Topic, partition and offset tell a repeat after a crash."""

    def __init__(self, publisher: Publisher, topic: Topic, service: str) -> None:
        self._publisher, self._topic = publisher, dead_letters(topic, service).name

    async def put(self, record: "ConsumerRecord[bytes, bytes]", why: Unreadable) -> Awaitable[None]:
        """Hands the record over; the answer is its confirmation."""
        added = {
            "rebilling_dlq_reason": why.reason,
            "rebilling_dlq_detail": why.detail,
            "rebilling_dlq_topic": record.topic,
            "rebilling_dlq_partition": str(record.partition),
            "rebilling_dlq_offset": str(record.offset),
            "rebilling_dlq_time": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        }
        headers = [*record.headers, *((name, text.encode()) for name, text in added.items())]
        return await self._publisher.send(Record(self._topic, record.key, record.value, headers))
