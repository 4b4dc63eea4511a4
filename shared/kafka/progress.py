"""Which offsets may be committed: only what is finished, only the contiguous prefix, only of this assignment."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from aiokafka import ConsumerRecord, TopicPartition


@dataclass(slots=True, eq=False)
class Taken:
    """The records of one batch in one partition: finished together, committed in order."""

    partition: TopicPartition
    first_offset: int
    next_offset: int
    finished: bool = False


@dataclass(slots=True)
class Progress:
    """What was taken since an assignment began. `epoch` None: nothing is assigned, and what arrives is dropped."""

    epoch: int | None = None
    _epochs: int = 0
    _taken: dict[TopicPartition, deque[Taken]] = field(default_factory=dict)
    _committed: dict[TopicPartition, int] = field(default_factory=dict)

    def assign(self) -> None:
        """A new epoch: what was taken under an older one is forgotten."""
        self._epochs += 1
        self.epoch = self._epochs
        self._taken, self._committed = {}, {}

    def revoke(self) -> None:
        """Nothing is assigned any more; what is still being worked on marks nothing finished."""
        self.epoch = None

    def take(self, records: Iterable["ConsumerRecord[bytes, bytes]"]) -> list[Taken]:
        """One row for each of their partitions: a stretch of offsets that is finished as a whole."""
        rows: dict[TopicPartition, Taken] = {}
        for record in records:
            partition = TopicPartition(record.topic, record.partition)
            if (taken := rows.get(partition)) is None:
                rows[partition] = Taken(partition, record.offset, record.offset + 1)
            else:
                taken.next_offset = record.offset + 1
        found = list(rows.values())
        for taken in found:
            self._taken.setdefault(taken.partition, deque()).append(taken)
        return found

    def finish(self, epoch: int, taken: Iterable[Taken]) -> None:
        """Work of an older assignment marks nothing finished: its records come again."""
        if epoch == self.epoch:
            for each in taken:
                each.finished = True

    def committable(self) -> dict[TopicPartition, int]:
        """The end of each partition's finished prefix that is further than what was committed."""
        for partition, row in self._taken.items():
            while row and row[0].finished:
                self._committed[partition] = row.popleft().next_offset
        found, self._committed = self._committed, {}
        return found

    def give_back(self, offsets: dict[TopicPartition, int]) -> None:
        """A commit did not go through: it is tried again, unless more was finished since."""
        for partition, offset in offsets.items():
            self._committed.setdefault(partition, offset)

    @property
    def unfinished(self) -> int:
        return sum(not taken.finished for row in self._taken.values() for taken in row)

    def waits_at(self, partition: TopicPartition) -> int | None:
        """The first offset that was taken and is not finished."""
        row = self._taken.get(partition, ())
        return next((taken.first_offset for taken in row if not taken.finished), None)
