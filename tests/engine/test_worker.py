"""Leased work is shared out: one partner's backlog delays no other's, and a long piece of work keeps its lease."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from shared.engine.change import Change, Reads
from shared.engine.decision import Decision
from shared.engine.jobs import OPEN_WORK, Jobs
from shared.engine.ports import Write
from shared.engine.work import Work
from shared.engine.worker import Pace, Worker
from shared.store.memory import MemoryStore
from tests.engine.toys import TRACKED, Added, Bench, Tally, a_bench, adding, closing, task


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


async def test_work_whose_save_lost_its_guard_is_begun_with_the_next_one() -> None:
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

    assert await straight.begun() == 1
    straight.slow.let_go.set()


async def test_a_worker_that_stops_is_given_nothing_more() -> None:
    bench = a_bench()
    straight = Straight(bench, at_once=8)
    await straight.worker.stop(0.1)

    await bench.run(task("a", adding("t", 1, kind=TRACKED)))

    assert await straight.begun() == 0
    assert len(await bench.jobs.claim("close", 10, 30.0)) == 1
