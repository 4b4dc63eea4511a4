"""The client that FastStream polls: it answers with records, and only then.

After an empty poll FastStream's batch subscriber sleeps, and a record that comes meanwhile waits for it to wake.
"""

from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

_LOOK_MS: Final = 1_000


class WaitingConsumer(AIOKafkaConsumer):  # type: ignore[misc]
    """Waits inside the poll, where a record wakes it at once; stopping ends the wait as it ends any poll."""

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> "dict[TopicPartition, list[ConsumerRecord[Any, Any]]]":
        del timeout_ms
        found: dict[TopicPartition, list[ConsumerRecord[Any, Any]]] = {}
        while not found:
            found = await super().getmany(*partitions, timeout_ms=_LOOK_MS, max_records=max_records)
        return found
