"""Open work that was lost comes back from the documents that ask for it."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from shared.engine.change import Due, Kind
from shared.engine.errors import Unacceptable
from shared.engine.jobs import OPEN_WORK, Jobs
from shared.engine.leases import Leases
from shared.engine.open_work import PAGE, OpenWorkSweep
from shared.engine.ports import Doc
from tests.engine.toys import TRACKED, Added, Bench, Tally, adding, closing, meta, task

AT = datetime(2027, 1, 1, tzinfo=UTC)


def _later(tally: Tally) -> list[Due]:
    return [Due("remind", f"of {tally.tally_id}", AT), Due("close", f"of {tally.tally_id}")]


LATER = Kind[Tally, Added](collection="later", state=Tally, work=_later)


def sweep_of(bench: Bench) -> OpenWorkSweep:
    return OpenWorkSweep(bench.store, bench.jobs, Leases(bench.store), [TRACKED, LATER])


async def a_round(sweep: OpenWorkSweep) -> int:
    found = 0
    while not sweep.resting:
        found += await sweep.step()
    return found


async def lost(bench: Bench) -> None:
    for doc in await bench.store.find(OPEN_WORK, {}):
        assert await bench.store.delete_if(OPEN_WORK, doc["_id"], {})


async def test_entries_that_were_lost_are_written_again_for_the_documents_that_ask_for_them(bench: Bench) -> None:
    ids = [f"{number:04d}" for number in range(PAGE + 5)]
    await bench.run(*(task(id, adding(id, 1, kind=TRACKED)) for id in ids))
    await bench.run(task("close", closing("0003", kind=TRACKED)), task("later", adding("l", 1, kind=LATER)))
    before = {doc["_id"]: doc for doc in await bench.store.find(OPEN_WORK, {})}
    await lost(bench)

    assert await a_round(sweep_of(bench)) == PAGE + 4 + 2

    again = {doc["_id"]: doc for doc in await bench.store.find(OPEN_WORK, {})}
    assert again.keys() == before.keys()
    same = ("job", "target", "partner_id", "customer_id", "rev", "lease_until", "attempts")
    assert [[doc[name] for name in same] for doc in again.values()] == [
        [before[id][name] for name in same] for id in again
    ]
    assert again["remind/l"]["due_at"] == before["remind/l"]["due_at"]
    claimed = await bench.jobs.claim("close", 2 * PAGE, 30)
    assert {work.id for work in claimed} == {*ids, "l"} - {"0003"}


async def test_the_chain_of_the_newest_fact_goes_on_with_what_was_lost(bench: Bench) -> None:
    await bench.run(task("a", adding("t", 1, kind=TRACKED)))
    await lost(bench)

    await a_round(sweep_of(bench))

    [work] = await bench.jobs.claim("close", 1, 30)
    assert work.cause == meta("a").cause


async def test_workers_are_woken_for_what_is_written_again(bench: Bench) -> None:
    await bench.run(task("a", adding("t", 1, kind=TRACKED)))
    await lost(bench)
    wake = bench.jobs.wake("close")
    wake.clear()

    await a_round(sweep_of(bench))

    assert wake.is_set()


async def test_an_entry_that_is_there_keeps_its_lease_its_time_and_its_attempts(bench: Bench) -> None:
    await bench.run(task("a", adding("t", 1, kind=TRACKED)))
    [work] = await bench.jobs.claim("close", 1, 30)

    assert await a_round(sweep_of(bench)) == 0

    [doc] = await bench.store.find(OPEN_WORK, {})
    assert (doc["lease_until"], doc["attempts"]) == (work.lease_until, 1)


async def test_one_process_at_a_time_goes_round_and_each_goes_once_at_its_start(bench: Bench) -> None:
    await bench.run(*(task(str(number), adding(str(number), 1, kind=TRACKED)) for number in range(PAGE + 1)))
    mine = sweep_of(bench)
    other = OpenWorkSweep(bench.store, Jobs(bench.store, "other"), Leases(bench.store), [TRACKED, LATER])
    await mine.step()
    await lost(bench)

    assert await other.step() == 0
    assert other.resting
    assert await a_round(mine) == 1


async def test_a_document_that_cannot_be_read_keeps_no_other_waiting(bench: Bench) -> None:
    await bench.run(task("a", adding("t", 1, kind=TRACKED)), task("b", adding("u", 1, kind=TRACKED)))
    await bench.store.update_if("tracked", "t", {}, {"$set": {"state": {"tally_id": []}}})
    await lost(bench)

    assert await a_round(sweep_of(bench)) == 1


async def test_a_page_that_cannot_be_written_keeps_no_other_waiting(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [f"{number:04d}" for number in range(PAGE + 5)]
    await bench.run(*(task(id, adding(id, 1, kind=TRACKED)) for id in ids))
    await lost(bench)
    restore = bench.jobs.restore

    async def refusing(asked: Sequence[tuple[Doc, Due]]) -> int:
        if any(doc["_id"] == "0003" for doc, _ in asked):
            raise Unacceptable("document store: error 10334 BSONObjectTooLarge")
        return await restore(asked)

    monkeypatch.setattr(bench.jobs, "restore", refusing)

    assert await a_round(sweep_of(bench)) == 5


async def test_work_that_nobody_asks_for_any_more_is_found_to_be_over_by_its_worker(bench: Bench) -> None:
    """Between the look at the document and the writing of the entry it may be done: the entry is one too many."""
    await bench.run(task("a", adding("t", 1, kind=TRACKED)))
    doc = await bench.store.get("tracked", "t")
    assert doc is not None
    await bench.run(task("b", closing("t", kind=TRACKED)))

    assert await bench.jobs.restore([(doc, Due("close", "t"))]) == 1

    [work] = await bench.jobs.claim("close", 1, 30)
    assert work.rev == doc["rev"]
    await bench.jobs.done(work)
    assert await bench.store.count(OPEN_WORK, {}) == 0


async def test_work_that_is_asked_for_again_while_it_ends_is_anybodys_at_once(bench: Bench) -> None:
    await bench.run(task("a", adding("t", 1, kind=TRACKED)))
    [work] = await bench.jobs.claim("close", 1, 30)
    bench.jobs.wake("close").clear()
    assert await bench.store.update_if(OPEN_WORK, "close/t", {}, {"$set": {"rev": work.rev + 1}}), "as a save moves it"

    await bench.jobs.done(work)

    assert bench.jobs.wake("close").is_set()
    [again] = await bench.jobs.claim("close", 1, 30)
    assert (again.rev, again.attempts) == (work.rev + 1, 1)


async def test_what_another_has_taken_over_stays_its_own_when_we_end(bench: Bench) -> None:
    await bench.run(task("a", adding("t", 1, kind=TRACKED)))
    [work] = await bench.jobs.claim("close", 1, 0.0)
    other = Jobs(bench.store, "another process")
    assert await bench.store.update_if(OPEN_WORK, "close/t", {}, {"$set": {"rev": work.rev + 1}}), "as a save moves it"
    [theirs] = await other.claim("close", 1, 30)

    await bench.jobs.done(work)

    assert await bench.jobs.claim("close", 1, 30) == []
    assert await other.prolong(theirs, 30) is not None


async def test_how_much_is_open_is_counted_by_job(bench: Bench) -> None:
    for job, number in (("close", 3), ("closed", 1), ("remind", 2)):
        for each in range(number):
            await bench.jobs.put(job, f"{each}~\u017e", partner_id="p1")

    assert await bench.jobs.depth() == {"close": 3, "closed": 1, "remind": 2}
