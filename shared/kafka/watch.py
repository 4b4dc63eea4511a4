"""Looks from outside at a consumer: how far it is behind, and whether it has stopped without saying so.

A client may stay alive and never join its group again, or hold partitions and fetch nothing: its own calls do not tell.
"""

import asyncio
from time import monotonic
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared.kafka.progress import Progress

EVERY_S: Final = 5.0
IDLE_S: Final = 60.0
"""Records are there and none is taken for so long: the consumer is stuck."""
OUTSIDE_S: Final = 150.0
"""No partition for so long although the broker answers: it never comes back. A rebalance may take 60 s."""
_LIMIT_S: Final = 4.0
_PLACE_S: Final = 0.5


class Watch:
    """Of one consumer. While the broker does not answer, nothing is held against it."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._places: dict[TopicPartition, int] = {}
        self._moved = self._inside = monotonic()
        self.lag = 0

    async def look(self, consumer: AIOKafkaConsumer) -> None:
        inside = self._progress.epoch is not None
        try:
            async with asyncio.timeout(_LIMIT_S):
                ends: dict[TopicPartition, int] = {}
                if inside and (partitions := list(consumer.assignment())):
                    ends = await consumer.end_offsets(partitions)
                elif not inside:
                    await consumer.topics()
        except (TimeoutError, KafkaError):
            self._moved = self._inside = monotonic()
            return
        places = {partition: await self._place(consumer, partition) for partition in ends}
        now = monotonic()
        self.lag = sum(max(0, end - places[partition]) for partition, end in ends.items())
        if not self.lag or self._progress.unfinished or places != self._places:
            self._places, self._moved = places, now
        if inside:
            self._inside = now

    async def _place(self, consumer: AIOKafkaConsumer, partition: TopicPartition) -> int:
        """The first record that is not finished, or else not fetched; 0 where even that cannot be told."""
        if (waits_at := self._progress.waits_at(partition)) is not None:
            return waits_at
        try:
            async with asyncio.timeout(_PLACE_S):
                return int(await consumer.position(partition))
        except (TimeoutError, KafkaError):
            return 0

    @property
    def stuck(self) -> bool:
        now = monotonic()
        return now - self._moved > IDLE_S or now - self._inside > OUTSIDE_S
