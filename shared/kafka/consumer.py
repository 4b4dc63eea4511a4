"""One topic's batch consumer: takes batches from FastStream, carries them out, and commits what is finished.

The handler that FastStream calls only hands over, to a queue of at most two batches. Behind it one batch is carried
out at a time, while earlier ones are still being published; offsets are committed in the background.
"""

import asyncio
import contextlib
from collections import Counter as Tally
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from shared.engine.decision import Refused
from shared.engine.engine import Engine
from shared.engine.errors import Abandoned, Unavailable
from shared.engine.failpoints import failpoint
from shared.engine.task import Saved, Task
from shared.engine.waiting import pauses
from shared.kafka.cloudevents import Received, Unreadable, read
from shared.kafka.dead_letters import DeadLetters
from shared.kafka.progress import Progress, Taken
from shared.kafka.subscription import Subscription
from shared.telemetry import metrics

Records = tuple["ConsumerRecord[bytes, bytes]", ...]

WAITING: Final = 2
"""Batches that wait behind the one being carried out; then the handler waits, and fetching with it."""

PUBLISHING: Final = 4
"""Batches that may be saved and not yet confirmed, while the next ones are carried out."""

COMMIT_S: Final = 0.1
STUCK_S: Final = 60.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Handed:
    """A batch with the assignment that it was fetched under; None: under none, so it will come again."""

    epoch: int | None
    records: Records


class BatchConsumer(ConsumerRebalanceListener):  # type: ignore[misc]
    """Carries out one subscription. `consumer` is set once FastStream has made it."""

    def __init__(
        self,
        subscription: Subscription,
        engine: Engine,
        letters: DeadLetters,
        cluster: str,
        clear: Callable[[], Awaitable[None]],
    ) -> None:
        self.subscription, self._engine, self._letters, self._clear = subscription, engine, letters, clear
        self.consumer: AIOKafkaConsumer | None = None
        self._log_name = f"{cluster}/{subscription.topic.name}"
        self._progress = Progress()
        self._queue: asyncio.Queue[Handed] = asyncio.Queue(WAITING)
        self._room = asyncio.Semaphore(PUBLISHING)
        self._publishing: set[asyncio.Task[None]] = set()
        self._working: list[asyncio.Task[None]] = []
        self._moved = monotonic()
        self._closed = False
        self._done: dict[TopicPartition, int] = {}

    def start(self) -> None:
        self._working = [asyncio.create_task(self._work()), asyncio.create_task(self._commit_now_and_then())]

    def arrived(self, records: Records) -> Handed:
        """Called with the records as soon as they are fetched, before anything else can happen."""
        return Handed(self._progress.epoch, records)

    async def hand_over(self, handed: Handed) -> None:
        if not self._closed:
            await self._queue.put(handed)

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        self._progress.assign()
        self._moved = monotonic()
        _log.info("partitions assigned", topic=self.subscription.topic.name, partitions=len(assigned))

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        """Commit what is finished and stop: everything else comes again, here or at its next owner."""
        if not revoked:
            return
        epoch = self._progress.epoch
        self._progress.revoke()
        while not self._queue.empty():
            self._queue.get_nowait()
        if self._publishing:
            await asyncio.wait(list(self._publishing), timeout=3.0)
        if epoch is not None:
            self._progress.epoch = epoch
            await self._commit(3.0)
        self._progress.revoke()
        with contextlib.suppress(Unavailable, TimeoutError):
            await asyncio.wait_for(self._clear(), 3.0)

    async def _work(self) -> None:
        while True:
            handed = await self._queue.get()
            if handed.epoch is None or handed.epoch != self._progress.epoch:
                continue
            await self._until_done(handed.epoch, handed.records, self._progress.take(handed.records))

    async def _until_done(self, epoch: int, records: Records, taken: Sequence[Taken]) -> None:
        """Nothing is ever skipped: an unexpected failure keeps the partition where it is, visibly."""
        wait = pauses(first=1.0, most=10.0)
        while epoch == self._progress.epoch:
            try:
                return await self._carry_out(epoch, records, taken)
            except Abandoned:
                break
            except Exception:  # noqa: BLE001 - whatever it is, the records may not be skipped
                _log.exception("a batch failed unexpectedly and is tried again", topic=self.subscription.topic.name)
                await wait.sleep()
        _log.info("batch abandoned: its partitions were taken away", topic=self.subscription.topic.name)
        return None

    async def _carry_out(self, epoch: int, records: Records, taken: Sequence[Taken]) -> None:
        def alive() -> bool:
            return self._progress.epoch == epoch

        tasks, letters = self._sort(records)
        saved = await self._engine.apply(tasks, alive)
        self._count(records, tasks)
        await self._room.acquire()
        publishing = asyncio.create_task(self._publish(epoch, taken, saved, letters))
        self._publishing.add(publishing)
        publishing.add_done_callback(self._published)

    def _count(self, records: Records, tasks: Sequence[Task]) -> None:
        topic = self.subscription.topic.name
        metrics.batch_records(topic).observe(len(records))
        for type_, number in Tally(task.meta.type for task in tasks).items():
            metrics.consumed(topic, type_).inc(number)
        for type_, number in Tally(task.meta.type for task in tasks if task.refused and not task.repeated).items():
            metrics.refused(type_).inc(number)
        if repeated := sum(task.repeated for task in tasks):
            metrics.handled_repeat(topic).inc(repeated)

    def _published(self, publishing: "asyncio.Task[None]") -> None:
        self._room.release()
        self._publishing.discard(publishing)
        if not publishing.cancelled() and publishing.exception() is not None:
            _log.error("publishing failed unexpectedly", error=repr(type(publishing.exception())))

    async def _publish(
        self,
        epoch: int,
        taken: Sequence[Taken],
        saved: Sequence[Saved],
        letters: "Sequence[tuple[ConsumerRecord[bytes, bytes], Unreadable]]",
    ) -> None:
        """The batch is finished when every fact and every dead letter is confirmed."""
        for record, why in letters:
            await self._put_aside(record, why)
        await self._engine.relay.publish(saved)
        self._progress.finish(epoch, taken)
        self._moved = monotonic()

    async def _put_aside(self, record: "ConsumerRecord[bytes, bytes]", why: Unreadable) -> None:
        wait = pauses()
        while True:
            try:
                await (await self._letters.put(record, why))
            except Unavailable:
                await wait.sleep()
            else:
                metrics.dead_lettered(record.topic, why.reason).inc()
                _log.warning(
                    "dead letter",
                    topic=record.topic,
                    partition=record.partition,
                    offset=record.offset,
                    reason=why.reason,
                    detail=why.detail,
                )
                return

    def _sort(self, records: Records) -> "tuple[list[Task], list[tuple[ConsumerRecord[bytes, bytes], Unreadable]]]":
        now = datetime.now(UTC)
        tasks, letters = [], []
        for record in records:
            try:
                if (received := read(record, self.subscription.topic, self._log_name, now)) is not None:
                    tasks.extend(self._task(received))
            except Unreadable as why:
                letters.append((record, why))
        return tasks, letters

    def _task(self, received: Received) -> list[Task]:
        answer = self.subscription.answer
        if received.message is None:
            if answer is None:
                raise Unreadable("BAD_DATA", "; ".join(f"{p.pointer} {p.code}" for p in _problems(received)))
            return [self._refused(received, self._whole(received))]
        handler = self.subscription.handlers.get(received.type)
        if handler is None:
            if self.subscription.topic.commands:
                raise Unreadable("UNKNOWN_TYPE", "this service does not take commands of this type")
            return []
        try:
            changes = list(handler(received.message, received.meta))
        except Refused as refused:
            return [self._refused(received, refused)]
        return [Task(received.meta, changes, self._answer_for(received))]

    def _whole(self, received: Received) -> Refused:
        refused, whole = received.refused or Refused(), self.subscription.whole
        if whole is None or received.data is None:
            return refused
        return whole(received.type, received.data, refused)

    def _refused(self, received: Received, refused: Refused) -> Task:
        return Task(received.meta, (), self._answer_for(received), refused)

    def _answer_for(self, received: Received) -> Any:
        answer = self.subscription.answer
        return partial(answer, received.message, received.meta) if answer is not None else None

    async def _commit_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(COMMIT_S)
            if self._progress.epoch is not None:
                await self._commit(10.0)

    async def _commit(self, limit_s: float) -> None:
        offsets = self._progress.committable()
        if not offsets or self.consumer is None:
            return
        failpoint("before-commit")
        assigned = self.consumer.assignment()
        offsets = {partition: offset for partition, offset in offsets.items() if partition in assigned}
        try:
            if offsets:
                await asyncio.wait_for(self.consumer.commit(offsets), limit_s)
                self._done.update(offsets)
                metrics.consumer_lag(self.subscription.topic.name).set(self.lag)
        except (TimeoutError, KafkaError) as error:
            self._progress.give_back(offsets)
            _log.warning("offsets not committed yet", topic=self.subscription.topic.name, error=error)

    @property
    def lag(self) -> int:
        """Records of the assigned partitions not yet finished, as far as the broker has told of them."""
        if self.consumer is None:
            return 0
        ends = {partition: self.consumer.highwater(partition) for partition in self.consumer.assignment()}
        return sum(max(0, end - self._done.get(partition, end)) for partition, end in ends.items() if end is not None)

    @property
    def stuck(self) -> bool:
        """Whether something was taken and nothing was finished for a minute."""
        return bool(self._progress.unfinished) and monotonic() - self._moved > STUCK_S

    @property
    def busy(self) -> bool:
        return self.assigned and (bool(self._progress.unfinished) or not self._queue.empty())

    @property
    def assigned(self) -> bool:
        return self._progress.epoch is not None

    async def drain(self, limit_s: float = 10.0) -> None:
        """At the end: take nothing more, finish what was taken, commit it, and stop committing."""
        self._closed = True
        until = monotonic() + limit_s
        while self.busy and monotonic() < until:  # noqa: ASYNC110 - several things are awaited, once, at the end
            await asyncio.sleep(0.02)
        if self.assigned:
            await self._commit(3.0)
        self._progress.revoke()
        for task in (*self._working, *self._publishing):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*self._working, *self._publishing, return_exceptions=True)


def _problems(received: Received) -> Sequence[Any]:
    return received.refused.problems if received.refused else ()
