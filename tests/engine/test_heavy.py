"""A document with too much to say is published before more is folded into it, as long as that is still wanted."""

import asyncio
from collections.abc import Callable

import pytest

from shared.engine import apply
from shared.engine.errors import Abandoned, Unavailable
from tests.engine.toys import Bench, adding, meta, task

A_HANG_S = 10.0


def away(bench: Bench) -> None:
    bench.broker.away = True


def takes_nothing(bench: Bench) -> None:
    bench.broker.shut = asyncio.Event()


def confirms_nothing(bench: Bench) -> None:
    bench.broker.hold = asyncio.Event()


@pytest.fixture(params=[away, takes_nothing, confirms_nothing])
async def heavy(request: pytest.FixtureRequest, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Of `t`, more is unsaid than a document may hold, and the broker is of no help."""
    breaks: Callable[[Bench], None] = request.param
    breaks(bench)
    for number in range(5):
        await bench.engine.apply([task(f"m{number}", adding("t", 1))], lambda: True)
    monkeypatch.setattr(apply, "HEAVY", 200)
    return bench


def back(bench: Bench) -> None:
    bench.broker.away = False
    for event in (bench.broker.shut, bench.broker.hold):
        if event is not None:
            event.set()


async def test_a_request_about_it_is_told_in_time_to_come_again(heavy: Bench) -> None:
    async with asyncio.timeout(A_HANG_S):
        with pytest.raises(Unavailable):
            await heavy.engine.execute([adding("t", 1)], meta("r"), limit_s=0.3)

    assert await heavy.total("t") == 5


async def test_a_batch_about_it_ends_when_its_partitions_are_taken_away(heavy: Bench) -> None:
    ours = [True]
    running = asyncio.create_task(heavy.engine.apply([task("late", adding("t", 1))], lambda: ours[0]))
    await asyncio.sleep(0)
    ours.clear()
    ours.append(False)

    async with asyncio.timeout(A_HANG_S):
        with pytest.raises(Abandoned):
            await running


async def test_once_the_broker_is_back_all_of_it_is_said_once_and_in_order(heavy: Bench) -> None:
    with pytest.raises(Unavailable):
        await heavy.engine.execute([adding("t", 1)], meta("r"), limit_s=0.3)
    back(heavy)

    async with asyncio.timeout(A_HANG_S):
        await heavy.run(task("last", adding("t", 1)))

    ids = [dict(record.headers)["ce_causationid"] for record in await heavy.said()]
    assert ids == [b"m0", b"m1", b"m2", b"m3", b"m4", b"last"]
