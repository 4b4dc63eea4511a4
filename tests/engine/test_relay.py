"""The relay says every fact at least once, each document's in order, and clears only what was confirmed."""

import asyncio
import json
from time import monotonic

import pytest

from shared.engine import relay, sweep
from shared.engine.jobs import OPEN_WORK
from shared.engine.leases import Leases
from shared.engine.parking import PARKED
from shared.engine.sweep import Sweep
from tests.engine.toys import TRACKED, Bench, a_bench, adding, closing, ids, task


async def amounts(bench: Bench) -> list[int]:
    return [json.loads(record.value or b"")["amount"] for record in await bench.said()]


async def test_a_document_that_rests_is_cleared_by_the_sweep(bench: Bench) -> None:
    await bench.run(task("a", adding("t", 1)), task("b", adding("u", 1)))

    await Sweep(bench.store, bench.relay, Leases(bench.store), ["tallies"]).clear_all()

    assert await bench.store.count("tallies", {"unsaid": True}) == 0
    assert bench.relay.waiting == 0


async def test_the_next_save_leaves_out_what_was_confirmed(bench: Bench) -> None:
    await bench.run(task("a", adding("t", 1)))
    await bench.run(task("b", adding("t", 1)))

    doc = await bench.store.get("tallies", "t")
    assert doc is not None
    assert len(doc["outbox"]) == 1
    assert len(await bench.said()) == 2


async def test_while_the_broker_is_away_facts_wait_and_are_said_in_order(bench: Bench) -> None:
    bench.broker.away = True
    running = asyncio.create_task(bench.run(*(task(f"m{n}", adding("t", n + 1)) for n in range(5))))
    await asyncio.sleep(0.05)
    assert not running.done()

    bench.broker.away = False
    await asyncio.wait_for(running, 5)

    assert await amounts(bench) == [1, 2, 3, 4, 5]


async def test_what_is_being_handed_over_is_awaited_and_not_sent_again(bench: Bench) -> None:
    bench.broker.shut = asyncio.Event()
    both = [asyncio.create_task(bench.run(task(id, adding("t", 1)))) for id in ("a", "b")]
    await asyncio.sleep(0.01)

    bench.broker.shut.set()
    await asyncio.wait_for(asyncio.gather(*both), 5)

    assert len(ids(await bench.said())) == len(set(ids(await bench.said()))) == 2


async def test_what_is_on_its_way_is_awaited_and_not_sent_again(bench: Bench) -> None:
    bench.broker.hold = asyncio.Event()
    first = asyncio.create_task(bench.run(task("a", adding("t", 1))))
    await asyncio.sleep(0.01)
    second = asyncio.create_task(bench.run(task("b", adding("t", 1))))
    await asyncio.sleep(0.01)

    bench.broker.hold.set()
    await asyncio.wait_for(asyncio.gather(first, second), 5)

    assert len(ids(await bench.said())) == len(set(ids(await bench.said()))) == 2


async def test_a_fact_that_is_too_large_is_parked_and_the_others_flow(bench: Bench) -> None:
    bench.broker.too_large = {"big"}

    await bench.run(task("a", adding("big", 1)), task("b", adding("small", 1)))
    await Sweep(bench.store, bench.relay, Leases(bench.store), ["tallies"]).clear_all()

    assert [record.key for record in await bench.said()] == [b"small"]
    assert await bench.store.count(PARKED, {}) == 1
    assert await bench.store.count("tallies", {"unsaid": True}) == 0


async def test_what_a_dead_process_left_unsaid_is_said_by_another(bench: Bench) -> None:
    dead = bench
    await dead.engine.apply([task("a", adding("t", 1))], lambda: True)
    assert await dead.store.update_if("tallies", "t", {}, {"$set": {"saved_at": 0}})

    alive = a_bench(dead.store, dead.broker)
    sweep = Sweep(alive.store, alive.relay, Leases(alive.store), ["tallies"])
    assert await sweep.say_abandoned() == 1
    await sweep.clear_all()

    assert len(await alive.said()) == 1
    assert await alive.store.count("tallies", {"unsaid": True}) == 0


async def test_only_one_process_at_a_time_looks_for_what_others_left(bench: Bench) -> None:
    mine, other = Leases(bench.store), Leases(bench.store)

    assert await mine.hold("outbox-sweep", ttl_s=60)
    assert not await other.hold("outbox-sweep", ttl_s=60)
    assert await mine.hold("outbox-sweep", ttl_s=60)


@pytest.fixture
def slow_and_quick(bench: Bench) -> tuple[Bench, Bench]:
    """Two processes over one store and one topic."""
    return bench, a_bench(bench.store, bench.broker)


def sweep_of(bench: Bench) -> Sweep:
    return Sweep(bench.store, bench.relay, Leases(bench.store), ["tallies"])


async def test_a_relay_whose_facts_another_cleared_says_the_newest_once_more(
    slow_and_quick: tuple[Bench, Bench],
) -> None:
    slow, quick = slow_and_quick
    old = await slow.engine.apply([task("a", adding("t", 1))], lambda: True)
    await quick.run(task("b", adding("t", 2)))
    await sweep_of(quick).clear_all()
    await slow.relay.publish(old)

    await sweep_of(slow).clear_all()

    assert await amounts(slow) == [1, 2, 1, 2]


async def test_a_relay_that_looks_before_the_other_has_cleared_looks_again(
    slow_and_quick: tuple[Bench, Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "RESTING_S", 0.0)
    slow, quick = slow_and_quick
    old = await slow.engine.apply([task("a", adding("t", 1))], lambda: True)
    await quick.run(task("b", adding("t", 2)))
    await slow.relay.publish(old)

    await sweep_of(slow).clear_resting()
    await sweep_of(quick).clear_resting()
    await sweep_of(slow).clear_resting()

    assert await amounts(slow) == [1, 2, 1, 2]
    assert slow.relay.waiting == 0


async def test_while_more_is_said_a_document_rests_longer_since_its_next_save_clears_it_for_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [monotonic()]
    monkeypatch.setattr(relay, "monotonic", lambda: clock[0])
    await bench.run(task("a", adding("t", 1)))
    clock[0] += sweep.RESTING_S + 0.1
    await bench.run(task("b", adding("u", 1)))

    assert await sweep_of(bench).clear_resting() == 0
    clock[0] += sweep.RESTING_S
    assert await sweep_of(bench).clear_resting() == 2


async def test_under_a_load_that_never_ends_documents_are_cleared_all_the_same(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [monotonic()]
    monkeypatch.setattr(relay, "monotonic", lambda: clock[0])
    await bench.run(task("a", adding("t", 1)))
    clock[0] += sweep.BUSY_RESTING_S
    await bench.run(task("b", adding("u", 1)))

    assert await sweep_of(bench).clear_resting() == 1


async def test_what_another_has_not_said_yet_is_said_by_one_who_ends_in_order(
    slow_and_quick: tuple[Bench, Bench],
) -> None:
    slow, quick = slow_and_quick
    await slow.run(task("a", adding("t", 1)))
    await quick.engine.apply([task("b", adding("t", 2)), task("c", adding("t", 3))], lambda: True)

    await sweep_of(slow).clear_all()

    assert await amounts(slow) == [1, 2, 3]
    assert slow.relay.waiting == 0


async def test_facts_that_another_has_yet_to_say_do_not_make_this_one_forget_what_it_said(
    slow_and_quick: tuple[Bench, Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "RESTING_S", 0.0)
    slow, quick = slow_and_quick
    await slow.run(task("a", adding("t", 1)))
    await quick.engine.apply([task("b", adding("t", 2))], lambda: True)

    await sweep_of(slow).clear_resting()
    await slow.run(task("c", adding("t", 3)))

    assert await amounts(slow) == [1, 2, 3]


async def test_open_work_is_there_while_the_state_asks_for_it(bench: Bench) -> None:
    await bench.run(task("a", adding("t", 1, kind=TRACKED)))
    assert [work.id for work in await bench.jobs.claim("close", 10, 30)] == ["t"]
    assert await bench.jobs.claim("close", 10, 30) == []

    await bench.run(task("b", closing("t", kind=TRACKED)))

    assert await bench.store.count(OPEN_WORK, {}) == 0
