"""What a consumer commits and when it counts as stuck, with its client and the clock in the test's hands."""

import asyncio
from collections.abc import AsyncIterator, Callable
from time import monotonic
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError

from shared.engine.errors import Unavailable
from shared.kafka import consumer
from shared.kafka.consumer import STUCK_S, BatchConsumer
from shared.kafka.dead_letters import DeadLetters
from tests.engine.toys import Bench, a_bench
from tests.kafka.toys import ADDS, PARTITION, SUBSCRIPTION, a_record

OTHER = TopicPartition("adds", 1)


class Client:
    """Holds partitions and remembers what was committed."""

    def __init__(self) -> None:
        self.held, self.committed = {PARTITION, OTHER}, dict[TopicPartition, int]()
        self.failures: list[Exception] = []

    def assignment(self) -> set[TopicPartition]:
        return self.held

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        if self.failures:
            raise self.failures.pop()
        if set(offsets) - self.held:
            raise IllegalStateError
        self.committed.update(offsets)

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, 0)

    async def position(self, partition: TopicPartition) -> int:
        del partition
        return 0


@pytest.fixture
def bench() -> Bench:
    return a_bench()


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
async def taker(bench: Bench, client: Client) -> AsyncIterator[BatchConsumer]:
    async def clear() -> None:
        return None

    taker = BatchConsumer(SUBSCRIPTION, bench.engine, DeadLetters(bench.broker, ADDS, "test"), "c", clear=clear)
    taker.consumer = client
    taker.start()
    await taker.on_partitions_assigned([PARTITION, OTHER])
    yield taker
    await taker.drain(0.0)


async def until(true: Callable[[], Any]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 - several tasks are at work, and each has a condition of its own
            await asyncio.sleep(0.005)


def stuck(taker: BatchConsumer) -> bool:
    return taker.stuck


async def test_what_is_saved_and_said_is_committed(taker: BatchConsumer, client: Client) -> None:
    await taker.hand_over(taker.arrived((a_record(0, "t"), a_record(1, "u"), a_record(5, "v", partition=1))))

    await until(lambda: client.committed == {PARTITION: 2, OTHER: 6})


async def test_what_is_saved_and_not_said_is_not_committed(taker: BatchConsumer, client: Client, bench: Bench) -> None:
    bench.broker.hold = asyncio.Event()
    await taker.hand_over(taker.arrived((a_record(0, "t"),)))
    await until(lambda: bench.broker.records)
    await taker._commit(1.0)
    assert client.committed == {}

    bench.broker.hold.set()

    await until(lambda: client.committed == {PARTITION: 1})


async def test_a_partition_that_was_taken_away_keeps_no_other_from_being_committed(
    taker: BatchConsumer, client: Client
) -> None:
    client.held = {OTHER}

    await taker.hand_over(taker.arrived((a_record(0, "t"), a_record(5, "v", partition=1))))

    await until(lambda: client.committed == {OTHER: 6})


async def test_a_commit_that_fails_in_whatever_way_is_tried_again(taker: BatchConsumer, client: Client) -> None:
    client.failures = [IllegalStateError(), TimeoutError(), ValueError("a bug")]

    await taker.hand_over(taker.arrived((a_record(0, "t"),)))

    await until(lambda: client.committed == {PARTITION: 1})


async def test_records_of_an_older_assignment_are_left_to_come_again(
    taker: BatchConsumer, client: Client, bench: Bench
) -> None:
    old = taker.arrived((a_record(0, "t"),))
    await taker.on_partitions_revoked([PARTITION, OTHER])
    none = taker.arrived((a_record(0, "t"),))
    await taker.on_partitions_assigned([PARTITION, OTHER])

    await taker.hand_over(old)
    await taker.hand_over(none)
    await taker.hand_over(taker.arrived((a_record(9, "u", partition=1),)))

    await until(lambda: client.committed == {OTHER: 10})
    assert await bench.engine.store.get("tallies", "t") is None


async def test_a_revoke_abandons_what_waits_for_the_store_and_the_next_owner_does_it(
    taker: BatchConsumer, client: Client, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> list[object]:
        raise Unavailable("away")

    with monkeypatch.context() as there:
        there.setattr(bench.store, "get_many", away)
        await taker.hand_over(taker.arrived((a_record(0, "t"),)))
        await until(lambda: taker.busy)
        await taker.on_partitions_revoked([PARTITION, OTHER])
        await until(lambda: not taker.busy)
    await taker.on_partitions_assigned([PARTITION, OTHER])
    await taker.hand_over(taker.arrived((a_record(0, "t"),)))

    await until(lambda: client.committed == {PARTITION: 1})
    assert await bench.total("t") == 1


async def test_the_first_batch_after_a_quiet_hour_does_not_make_it_stuck(
    taker: BatchConsumer, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = monotonic()
    monkeypatch.setattr(consumer, "monotonic", lambda: now + 3600.0)
    bench.broker.hold = asyncio.Event()
    await taker.hand_over(taker.arrived((a_record(0, "t"),)))
    await until(lambda: bench.broker.records)
    assert stuck(taker) is False

    monkeypatch.setattr(consumer, "monotonic", lambda: now + 3600.0 + STUCK_S + 1)

    assert stuck(taker) is True
    bench.broker.hold.set()


async def test_the_end_finishes_what_was_taken_and_takes_nothing_more(
    taker: BatchConsumer, client: Client, bench: Bench
) -> None:
    await taker.hand_over(taker.arrived((a_record(0, "t"),)))
    await taker.drain()

    await taker.hand_over(taker.arrived((a_record(1, "t"),)))

    assert client.committed == {PARTITION: 1}
    assert await bench.total("t") == 1
    assert not taker.stuck
