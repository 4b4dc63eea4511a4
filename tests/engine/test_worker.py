"""Leased work is shared out: one partner's backlog delays no other's, and a long piece of work keeps its lease."""

import asyncio
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.engine.change import Change, Due, Kind, Reads
from shared.engine.decision import Decision
from shared.engine.document import Draft
from shared.engine.errors import Unacceptable
from shared.engine.jobs import OPEN_WORK, Deletion, Jobs
from shared.engine.leases import now_ms
from shared.engine.ports import Write
from shared.engine.work import Work, entry_for
from shared.engine.worker import Pace, Worker
from shared.store.memory import MemoryStore
from tests.engine.stores import Fragile, Strict
from tests.engine.toys import TRACKED, Added, Bench, Tally, a_bench, adding, closing, task
from tests.slow_store import SlowStore


def _wished(_: str) -> Iterator[Due]:
    yield Due("mirror", "")


WISHED: Kind[str, object] = Kind("wishes", str, work=_wished)


class Slow:
    """Work that lasts until it is let go; each is told by its partner."""

    def __init__(self, jobs: Jobs) -> None:
        self.jobs, self.let_go = jobs, asyncio.Event()
        self.begun: list[str] = []

    async def do(self, work: Work) -> None:
        self.begun.append(work.partner_id)
        await self.let_go.wait()
        await self.jobs.done(work)


async def test_a_partner_with_a_long_queue_of_slow_work_delays_no_other() -> None:
    jobs = Jobs(MemoryStore(), "me")
    slow = Slow(jobs)
    worker = Worker(jobs, "fetch", slow.do, Pace(30.0, at_once=8, of_one_partner=2))
    for number in range(100):
        await jobs.put("fetch", f"busy-{number}", partner_id="busy")
    await worker.step()
    await jobs.put("fetch", "other", partner_id="other")

    await worker.step()
    await asyncio.sleep(0)

    assert slow.begun == ["busy", "busy", "other"]
    slow.let_go.set()


async def test_a_look_for_work_that_fails_is_not_the_last() -> None:
    jobs, done = Jobs(MemoryStore(), "me"), asyncio.Event()
    claim, failures = jobs.claim, [Unacceptable("a query that is none"), ValueError("a bug")]

    async def sometimes(*asked: Any, **how: Any) -> list[Work]:
        if failures:
            raise failures.pop()
        return await claim(*asked, **how)

    async def do(work: Work) -> None:
        await jobs.done(work)
        done.set()

    jobs.claim = sometimes  # type: ignore[method-assign]  # stands in front of it
    worker = Worker(jobs, "fetch", do, Pace(30.0, every_s=0.01))
    await jobs.put("fetch", "one", partner_id="p1")

    worker.start()
    async with asyncio.timeout(20):
        await done.wait()

    assert not worker.ended
    await worker.stop(1.0)


async def test_a_free_place_is_filled_at_once_while_the_partner_has_more() -> None:
    jobs = Jobs(MemoryStore(), "me")
    done: list[str] = []
    last = asyncio.Event()

    async def do(work: Work) -> None:
        await jobs.done(work)
        done.append(work.id)
        if len(done) == 40:
            last.set()

    worker = Worker(jobs, "fetch", do, Pace(30.0, every_s=1000.0, at_once=4, of_one_partner=1))
    for number in range(40):
        await jobs.put("fetch", f"{number:02d}", partner_id="busy")

    worker.start()
    async with asyncio.timeout(20):
        await last.wait()
    await worker.stop(1.0)

    assert len(set(done)) == 40


async def test_a_prolonged_lease_is_ours_and_one_that_was_taken_over_is_not() -> None:
    store = MemoryStore()
    ours, theirs = Jobs(store, "me"), Jobs(store, "you")
    await ours.put("mirror", "i1", partner_id="p1")
    (work,) = await ours.claim("mirror", 1, 0.0)
    longer = await ours.prolong(work, 60.0)

    assert longer is not None
    assert longer.lease_until > work.lease_until
    assert await theirs.claim("mirror", 1, 60.0) == []
    assert await ours.prolong(work, 60.0) is None


class Straight:
    """A bench whose worker is given what the saves ask for; it holds on to all of it."""

    def __init__(self, bench: Bench, at_once: int) -> None:
        self.slow = Slow(bench.jobs)
        self.worker = Worker(bench.jobs, "close", self.slow.do, Pace(30.0, at_once=at_once, straight=True))
        self.worker.serve()

    async def begun(self) -> int:
        await asyncio.sleep(0)
        return len(self.slow.begun)


async def test_what_a_save_asks_for_is_begun_at_once_and_found_by_nobody_else() -> None:
    bench = a_bench()
    straight, other = Straight(bench, at_once=8), Jobs(bench.store, "another process")

    await bench.run(task("a", adding("t", 1, kind=TRACKED)), task("b", adding("u", 1, kind=TRACKED)))

    assert await straight.begun() == 2
    assert await other.claim("close", 10, 30.0) == []
    straight.slow.let_go.set()
    await straight.worker.drain()
    assert await bench.store.find(OPEN_WORK, {}) == []


async def test_what_there_is_no_room_for_waits_for_whoever_has_some() -> None:
    bench = a_bench()
    straight, other = Straight(bench, at_once=1), Jobs(bench.store, "another process")

    await bench.run(*(task(id, adding(id, 1, kind=TRACKED)) for id in ("a", "b", "c")))

    assert await straight.begun() == 1
    assert len(await other.claim("close", 10, 30.0)) == 2
    straight.slow.let_go.set()


def reopening(id: str) -> Change[Tally, Added]:
    def decide(tally: Tally | None, _reads: Reads) -> Decision[Tally, Added]:
        assert tally is not None
        return Decision(replace(tally, closed=False))

    return Change(TRACKED, id, decide)


async def test_work_whose_save_lost_its_guard_does_not_wait_for_the_end_of_a_lease() -> None:
    bench = a_bench()
    await bench.run(task("a", adding("t", 1, kind=TRACKED)), task("b", closing("t", kind=TRACKED)))
    straight, lost = Straight(bench, at_once=8), bench.store.save

    async def lose_once(collection: str, writes: Sequence[Write]) -> set[str]:
        if collection == TRACKED.collection:
            bench.store.save = lost  # type: ignore[method-assign]  # stands in front of it, once
            doc = await bench.store.get(collection, "t")
            assert doc is not None
            await bench.store.upsert(collection, "t", {**doc, "rev": doc["rev"] + 1})
        return await lost(collection, writes)

    bench.store.save = lose_once  # type: ignore[method-assign]
    await bench.run(task("c", reopening("t")))
    await straight.worker.step()

    assert await straight.begun() == 1
    straight.slow.let_go.set()


async def test_what_another_writer_asks_for_is_anybodys_where_our_save_lost_to_it() -> None:
    """Our entry was there first, and under our lease; the other one moved it, and its document was there first."""
    bench = a_bench()
    await bench.run(task("a", adding("t", 1, kind=TRACKED)), task("b", closing("t", kind=TRACKED)))
    straight, save = Straight(bench, at_once=8), bench.store.save
    other = a_bench(bench.store)

    async def overtaken(collection: str, writes: Sequence[Write]) -> set[str]:
        if collection == TRACKED.collection:
            bench.store.save = save  # type: ignore[method-assign]  # stands in front of it, once
            await other.run(task("d", reopening("t")))
        return await save(collection, writes)

    bench.store.save = overtaken  # type: ignore[method-assign]
    await bench.run(task("c", replace(reopening("t"), once=False)))
    await straight.worker.step()

    assert await straight.begun() == 1
    straight.slow.let_go.set()


async def test_work_that_is_asked_for_again_while_a_save_ends_it_is_anybodys_at_once() -> None:
    bench = a_bench()
    take_away = bench.jobs.take_away

    async def reopened_before(over: Sequence[Deletion]) -> None:
        bench.jobs.take_away = take_away  # type: ignore[method-assign]  # stands in front of it, once
        await bench.run(task("c", reopening("t")))
        await take_away(over)

    async def end(_work: Work) -> None:
        bench.jobs.take_away = reopened_before  # type: ignore[method-assign]
        await bench.run(task("b", closing("t", kind=TRACKED)))

    worker = Worker(bench.jobs, "close", end, Pace(30.0))
    await bench.run(task("a", adding("t", 1, kind=TRACKED)))

    assert await worker.step() == 1
    await asyncio.gather(*worker._running)

    (again,) = await Jobs(bench.store, "another process").claim("close", 10, 30.0)
    assert again.attempts == 1


@pytest.mark.parametrize("trips", [1, 2])
@pytest.mark.parametrize("lost", ["before anything is written", "after the entry", "after the document"])
async def test_work_whose_save_was_not_answered_does_not_wait_for_the_end_of_a_lease(lost: str, trips: int) -> None:
    bench = a_bench()
    if trips == 2:  # the other's entry is there already, and so the first trip ends with the entries
        assert await bench.store.insert(OPEN_WORK, entry_for("close", "u", "p1", "u", datetime.now(UTC)))
    straight, store = Straight(bench, at_once=8), Fragile(bench.store)
    store.refuse_saves = int(lost == "before anything is written")
    store.lose_answers = int(lost.startswith("after"))
    store.answers_first = int(lost == "after the document")

    changes = [task(id, adding(id, 1, kind=TRACKED)) for id in ("t", "u")][:trips]
    await bench.run(*changes)
    await straight.worker.step()

    assert await straight.begun() == len(changes)
    straight.slow.let_go.set()
    await straight.worker.drain()
    assert await bench.store.find(OPEN_WORK, {}) == []


async def test_work_that_was_saved_beside_what_cannot_be_does_not_wait_for_the_end_of_a_lease() -> None:
    bench = a_bench()
    straight = Straight(bench, at_once=8)
    Strict(bench.store).unacceptable = {"u"}
    changes = [task("a", adding("t", 1, kind=TRACKED)), task("b", adding("u", 1, kind=TRACKED))]

    with pytest.raises(Unacceptable):
        await bench.run(*changes)
    await bench.run(changes[0])
    await straight.worker.step()

    assert await straight.begun() == 2, "the other's entry is one too many"
    straight.slow.let_go.set()


async def test_a_worker_that_stops_is_given_nothing_more() -> None:
    bench = a_bench()
    straight = Straight(bench, at_once=8)
    await straight.worker.stop(0.1)

    await bench.run(task("a", adding("t", 1, kind=TRACKED)))

    assert await straight.begun() == 0
    assert len(await bench.jobs.claim("close", 10, 30.0)) == 1


async def test_what_is_stuck_leaves_its_places_to_others_however_much_of_it_there_is() -> None:
    jobs = Jobs(MemoryStore(), "me")
    let_go, answered = asyncio.Event(), asyncio.Event()
    begun: list[str] = []

    async def do(work: Work) -> None:
        begun.append(work.about)
        if work.about == "healthy":
            answered.set()
        else:
            await let_go.wait()
        await jobs.done(work)

    worker = Worker(jobs, "fetch", do, Pace(30.0, 0.05, at_once=4, of_one_partner=2, slow_s=0.1, slow_at_once=5))
    for number in range(60):
        await jobs.put("fetch", f"stuck-{number:02d}", partner_id=f"p{number % 20}", about=f"psa-{number % 20}")
    worker.start()
    async with asyncio.timeout(60):
        while len(set(begun)) < 8:  # noqa: ASYNC110 - nothing tells when so many are stuck
            await asyncio.sleep(0.02)
        await jobs.put("fetch", "healthy", partner_id="other", about="healthy")
        await answered.wait()

    assert not let_go.is_set()
    let_go.set()
    await worker.stop(10.0)


async def test_of_what_is_known_to_be_slow_one_is_begun_at_a_time_until_it_is_prompt_again() -> None:
    jobs = Jobs(MemoryStore(), "me")
    slow = Slow(jobs)
    worker = Worker(jobs, "fetch", slow.do, Pace(30.0, at_once=4, of_one_partner=3, slow_s=0.2))
    for number in range(6):
        await jobs.put("fetch", str(number), partner_id="p", about="psa")
    await worker.step()
    await asyncio.sleep(0.25)
    slow.let_go.set()
    async with asyncio.timeout(20):
        while await jobs.depth() != {"fetch": 3}:  # noqa: ASYNC110 - nothing tells of the end of each
            await asyncio.sleep(0)
    slow.let_go.clear()
    slow.begun.clear()

    for _ in range(3):
        await worker.step()
        await asyncio.sleep(0)
    known_to_be_slow = len(slow.begun)
    slow.let_go.set()
    async with asyncio.timeout(20):
        while await jobs.depth() != {"fetch": 2}:  # noqa: ASYNC110 - nothing tells of the end of each
            await asyncio.sleep(0)
    await worker.step()
    await asyncio.sleep(0)

    assert known_to_be_slow == 1
    assert len(slow.begun) == 3
    await worker.stop(5.0)


async def test_whoever_asks_for_work_while_it_is_postponed_gets_it_when_they_want_it() -> None:
    store = MemoryStore()
    jobs = Jobs(store, "me")
    later, much_later = datetime.now(UTC) + timedelta(hours=1), datetime.now(UTC) + timedelta(hours=2)
    await jobs.put("mirror", "i1", partner_id="p1")
    (work,) = await jobs.claim("mirror", 1, 60.0)
    await store.update_if("open_work", "mirror/i1", {}, {"$set": {"rev": work.rev + 1}})

    await jobs.postpone(work, later)

    assert len(await jobs.claim("mirror", 1, 60.0)) == 1, "a wish of now was put off"
    (asked,) = await store.find("open_work", {})
    assert asked["lease_until"] > 0

    (entry,) = await store.find("open_work", {})
    again = replace(work, lease_until=entry["lease_until"], rev=entry["rev"])
    await jobs.postpone(again, much_later)
    (entry,) = await store.find("open_work", {})
    assert (entry["due_at"], entry["lease_until"]) == (int(much_later.timestamp() * 1000), 0)


async def test_a_wish_that_comes_while_a_look_is_postponed_is_not_overruled_however_they_interleave() -> None:
    for seed in range(200):
        store = SlowStore(random.Random(seed))
        jobs = Jobs(store, "me")
        await jobs.put("mirror", "i1", partner_id="p1")
        (work,) = await jobs.claim("mirror", 1, 60.0)
        wish = Draft(WISHED, "i1", None)
        wish.rev, wish.partner_id = 7, "p1"
        wish.state = "now"

        await asyncio.gather(jobs.postpone(work, datetime.now(UTC) + timedelta(hours=1)), jobs.save([wish], []))

        (entry,) = await store.find("open_work", {})
        assert (entry["due_at"] <= now_ms(), entry["lease_until"]) == (True, 0), f"seed {seed}"


async def test_what_was_held_up_by_one_thing_is_hastened_and_nothing_else() -> None:
    store = MemoryStore()
    jobs = Jobs(store, "me")
    later = datetime.now(UTC) + timedelta(hours=1)
    for number in range(3):
        await jobs.put("fetch", f"a{number}", partner_id="p1", due_at=later, about="psa-1")
        await jobs.put("fetch", f"b{number}", partner_id="p1", due_at=later, about="psa-2")
    jobs.wake("fetch").clear()

    hastened = await jobs.hasten("psa-1")

    assert hastened == 3
    assert jobs.wake("fetch").is_set()
    assert {work.about for work in await jobs.claim("fetch", 10, 60.0)} == {"psa-1"}
