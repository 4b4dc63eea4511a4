"""Where fetched batches wait: in lanes, so that the store works for one while the other is decided.

A partition's records stay in one lane, and so in order; two lanes that meet in one document are held by its guard.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

from aiokafka import ConsumerRecord

Records = tuple["ConsumerRecord[bytes, bytes]", ...]

LANES: Final = 3
WAITING: Final = 1
"""Batches that wait in a lane behind the one being carried out; then the handler waits, and fetching with it."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A batch with the assignment that it was fetched under; None: under none, so it will come again."""

    epoch: int | None
    records: Records


class Lanes:
    """`queues`: one for each lane, to be emptied by a worker of its own."""

    def __init__(self) -> None:
        self.queues: list[asyncio.Queue[Handed]] = [asyncio.Queue(WAITING) for _ in range(LANES)]

    async def put(self, handed: Handed) -> None:
        """Each record to the lane of its partition; waits where a lane is full."""
        for lane, queue in enumerate(self.queues):
            records = tuple(record for record in handed.records if record.partition % LANES == lane)
            if records:
                await queue.put(Handed(handed.epoch, records))

    def clear(self) -> None:
        """What nobody has begun is dropped: it comes again, here or at its next owner."""
        for queue in self.queues:
            while not queue.empty():
                queue.get_nowait()

    @property
    def empty(self) -> bool:
        return all(queue.empty() for queue in self.queues)
