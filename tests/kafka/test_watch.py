"""A consumer that has stopped without saying so is found out, and one that has nothing to do is not."""

from collections.abc import Iterable

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from shared.kafka import watch
from shared.kafka.progress import Progress
from shared.kafka.watch import IDLE_S, OUTSIDE_S, Watch
from tests.kafka.toys import PARTITION, a_record


class Client:
    """What the watch asks a consumer."""

    def __init__(self, *, position: int = 0, end: int = 0) -> None:
        self.at, self.end, self.away = position, end, False

    def assignment(self) -> set[TopicPartition]:
        return {PARTITION}

    async def end_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        if self.away:
            raise KafkaConnectionError
        return dict.fromkeys(partitions, self.end)

    async def position(self, partition: TopicPartition) -> int:
        del partition
        return self.at

    async def topics(self) -> set[str]:
        if self.away:
            raise KafkaConnectionError
        return set()


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(watch, "monotonic", clock)
    return clock


@pytest.fixture
def progress() -> Progress:
    progress = Progress()
    progress.assign()
    return progress


async def test_records_that_nobody_fetches_are_found_out(clock: Clock, progress: Progress) -> None:
    watch, client = Watch(progress), Client(position=3, end=10)
    await watch.look(client)
    assert (watch.lag, watch.stuck) == (7, False)

    clock.now += IDLE_S + 1
    await watch.look(client)

    assert watch.stuck


async def test_a_topic_without_news_holds_nothing_against_it(clock: Clock, progress: Progress) -> None:
    watch, client = Watch(progress), Client(position=10, end=10)
    await watch.look(client)

    clock.now += 10 * IDLE_S
    await watch.look(client)

    assert (watch.lag, watch.stuck) == (0, False)


async def test_what_is_taken_and_not_finished_counts_as_behind(clock: Clock, progress: Progress) -> None:
    watch, client = Watch(progress), Client(position=10, end=10)
    progress.take([a_record(4, "t"), a_record(9, "t")])

    await watch.look(client)

    assert watch.lag == 6


@pytest.mark.parametrize(("away", "stuck"), [(False, True), (True, False)])
async def test_one_that_never_joins_again_is_found_out_unless_the_broker_is_away(
    clock: Clock, progress: Progress, away: bool, stuck: bool
) -> None:
    watch, client = Watch(progress), Client()
    client.away = away
    await watch.look(client)
    progress.revoke()

    clock.now += OUTSIDE_S + 1
    await watch.look(client)

    assert watch.stuck is stuck
