"""Leased work is shared out: one partner's backlog delays no other's, and a long piece of work keeps its lease."""

import asyncio

from shared.engine.jobs import Jobs, Work
from shared.engine.worker import Pace, Worker
from shared.store.memory import MemoryStore


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
