"""One topic's batch consumer: takes batches from FastStream, carries them out, and commits what is finished.

The handler that FastStream calls only hands over, to lanes in which at most one batch waits. Behind each one batch
is carried out at a time, while earlier ones are still being published; offsets are committed in the background.
"""

import asyncio
import contextlib
from collections import Counter as Tally
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition

from shared.engine.engine import Engine
from shared.engine.errors import Abandoned, Unavailable
from shared.engine.failpoints import failpoint
from shared.engine.task import Task
from shared.engine.waiting import pauses
from shared.kafka.carrying import Carried, Carrier
from shared.kafka.cloudevents import Unreadable, whose
from shared.kafka.dead_letters import DeadLetters
from shared.kafka.giving_way import give_way
from shared.kafka.lanes import Handed, Lanes, Records
from shared.kafka.progress import Progress, Taken
from shared.kafka.sorting import Sorter
from shared.kafka.subscription import Subscription
from shared.kafka.watch import EVERY_S, Watch
from shared.telemetry import metrics

PUBLISHING: Final = 4
"""Batches that may be saved and not yet confirmed, while the next ones are carried out."""

COMMIT_S: Final = 0.1
STUCK_S: Final = 60.0
_log = structlog.get_logger(__name__)


class BatchConsumer(ConsumerRebalanceListener):  # type: ignore[misc]
    """Carries out one subscription. `consumer` is set once FastStream has made it."""

    def __init__(
        self,
        subscription: Subscription,
        engine: Engine,
        letters: DeadLetters,
        cluster: str,
        *,
        clear: Callable[[], Awaitable[None]],
        others_busy: Callable[[], bool] = lambda: False,
    ) -> None:
        self.subscription, self._engine, self._letters, self._clear = subscription, engine, letters, clear
        self.consumer: AIOKafkaConsumer | None = None
        self._others_busy = others_busy
        self._carrier = Carrier(Sorter(subscription, f"{cluster}/{subscription.topic.name}"), engine)
        self._progress = Progress()
        self._lanes = Lanes()
        self._room = asyncio.Semaphore(PUBLISHING)
        self._publishing: set[asyncio.Task[None]] = set()
        self._working: list[asyncio.Task[None]] = []
        self._moved = monotonic()
        self._closed = False
        self._watch: Watch | None = None

    def start(self) -> None:
        self._watch = Watch(self._progress)
        self._working = [
            *(asyncio.create_task(self._work(queue)) for queue in self._lanes.queues),
            asyncio.create_task(self._commit_now_and_then()),
            asyncio.create_task(self._look_now_and_then(self._watch)),
        ]

    def arrived(self, records: Records) -> Handed:
        """Called with the records as soon as they are fetched, before anything else can happen."""
        return Handed(self._progress.epoch, records)

    async def hand_over(self, handed: Handed) -> None:
        """Waits for a place in the lanes. Once this drains, what comes is left to come again."""
        if not self._closed:
            await self._lanes.put(handed)

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
        self._lanes.clear()
        if self._publishing:
            await asyncio.wait(list(self._publishing), timeout=3.0)
        if epoch is not None:
            self._progress.epoch = epoch
            await self._commit(3.0)
        self._progress.revoke()
        with contextlib.suppress(Unavailable, TimeoutError):
            await asyncio.wait_for(self._clear(), 3.0)

    async def _work(self, queue: asyncio.Queue[Handed]) -> None:
        """In a task, and so in a context, of its own: every line names the topic, those of waiting too."""
        structlog.contextvars.bind_contextvars(topic=self.subscription.topic.name)
        while True:
            handed = await queue.get()
            if self.subscription.gives_way:
                said = min(record.timestamp for record in handed.records) / 1000
                await give_way(lambda: not self._closed and self._others_busy(), said)
            if handed.epoch is None or handed.epoch != self._progress.epoch:
                continue
            if not self._progress.unfinished:
                self._moved = monotonic()
            await self._until_done(handed.epoch, handed.records, self._progress.take(handed.records))

    async def _until_done(self, epoch: int, records: Records, taken: Sequence[Taken]) -> None:
        """Nothing is ever skipped: an unexpected failure keeps the partition where it is, visibly."""
        wait, began = pauses(first=1.0, most=10.0), monotonic()
        while epoch == self._progress.epoch:
            try:
                return await self._carry_out(epoch, records, taken, began)
            except Abandoned:
                break
            except Exception:  # noqa: BLE001 - whatever it is, the records may not be skipped
                _log.exception("a batch failed unexpectedly and is tried again", topic=self.subscription.topic.name)
                await wait.sleep()
        _log.info("batch abandoned: its partitions were taken away", topic=self.subscription.topic.name)
        return None

    async def _carry_out(self, epoch: int, records: Records, taken: Sequence[Taken], began: float) -> None:
        def alive() -> bool:
            return self._progress.epoch == epoch

        carried = await self._carrier.carry_out(records, alive)
        self._count(records, carried.tasks)
        await self._room.acquire()
        publishing = asyncio.create_task(self._publish(epoch, taken, carried, began))
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

    async def _publish(self, epoch: int, taken: Sequence[Taken], carried: Carried, began: float) -> None:
        """The batch is finished when every fact and every dead letter is confirmed."""
        for record, why in carried.letters:
            await self._put_aside(record, why)
        await self._engine.relay.publish(carried.saved)
        self._progress.finish(epoch, taken)
        self._moved = monotonic()
        metrics.batch_seconds(self.subscription.topic.name).observe(self._moved - began)

    async def _put_aside(self, record: "ConsumerRecord[bytes, bytes]", why: Unreadable) -> None:
        wait = pauses()
        while True:
            try:
                await self._letters.put(record, why)
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
                    **whose(record),
                )
                return

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
        epoch = self._progress.epoch
        try:
            if offsets:
                await asyncio.wait_for(self.consumer.commit(offsets), limit_s)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next commit says the same and more
            if epoch == self._progress.epoch:
                self._progress.give_back(offsets)
            _log.warning("offsets not committed yet", topic=self.subscription.topic.name, error=error)

    async def _look_now_and_then(self, watch: Watch) -> None:
        while True:
            if self.consumer is not None:
                try:
                    await watch.look(self.consumer)
                except Exception:  # noqa: BLE001 - the next look may see more
                    _log.exception("the consumer could not be looked at", topic=self.subscription.topic.name)
                metrics.consumer_lag(self.subscription.topic.name).set(watch.lag)
            await asyncio.sleep(EVERY_S)

    @property
    def stuck(self) -> bool:
        """Whether nothing was finished for a minute of what was taken, or what is there is not even taken."""
        if self._watch is not None and (self._watch.stuck or any(task.done() for task in self._working)):
            return not self._closed
        return bool(self._progress.unfinished) and monotonic() - self._moved > STUCK_S

    @property
    def busy(self) -> bool:
        return self.assigned and (bool(self._progress.unfinished) or not self._lanes.empty)

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
