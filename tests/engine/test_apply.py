"""Every accepted message has its effect, in order, whatever is lost, refused or changed by others."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from shared.engine.errors import Unavailable
from shared.engine.ports import Doc
from shared.engine.refusals import REFUSALS
from tests.engine.stores import Fragile, Interfering
from tests.engine.toys import NOTE, Bench, a_bench, adding, closing, ids, meta, task, writing


async def test_a_batch_folds_all_changes_of_a_document_into_one_write(bench: Bench) -> None:

    await bench.run(task("a", adding("t", 1)), task("b", adding("t", 2)), task("c", adding("t", 3)))

    doc = await bench.store.get("tallies", "t")
    assert doc is not None
    assert (doc["state"]["total"], doc["version"], doc["rev"]) == (6, 3, 1)
    assert [record.key for record in await bench.said()] == [b"t", b"t", b"t"]


async def test_a_command_that_changes_nothing_raises_no_version_but_is_remembered(bench: Bench) -> None:
    await bench.run(task("a", adding("t", 1)))

    await bench.run(task("same", adding("t", 0)))

    doc = await bench.store.get("tallies", "t")
    assert doc is not None
    assert (doc["version"], doc["rev"]) == (1, 2)


async def test_a_refusal_is_answered_once_and_for_ever(bench: Bench) -> None:
    await bench.run(task("a", adding("t", 1)), task("close", closing("t")))

    await bench.run(task("late", adding("t", 1)))
    again = task("late", adding("t", 1))
    await bench.run(again)

    assert again.refused is not None
    assert [record.topic for record in await bench.said()] == ["tallies", "answers"]
    assert await bench.store.count(REFUSALS, {}) == 1


async def test_a_refused_message_stays_refused_when_it_would_be_taken_now(bench: Bench) -> None:
    await bench.run(task("a", adding("t", 1)), task("close", closing("t")), task("late", adding("t", 1)))
    doc = await bench.store.get("tallies", "t")
    assert doc is not None
    await bench.store.upsert("tallies", "t", {**doc, "state": {**doc["state"], "closed": False}})

    again = task("late", adding("t", 1))
    await bench.run(again)

    assert again.refused is not None
    assert await bench.total("t") == 1


async def test_a_twin_in_the_same_batch_is_refused_with_the_first(bench: Bench) -> None:
    await bench.run(task("a", adding("t", 1)), task("close", closing("t")))

    first, twin = task("late", adding("t", 1)), task("late", adding("t", 1))
    await bench.run(first, twin)

    assert first.refused is not None
    assert twin.refused is not None
    assert [record.topic for record in await bench.said()].count("answers") == 1


async def test_another_partners_document_is_not_found_and_not_touched(bench: Bench) -> None:
    await bench.run(task("a", adding("t", 1)))

    foreign = task("b", adding("t", 5), partner="p2")
    await bench.run(foreign)

    assert foreign.refused is not None
    assert foreign.refused.problems[0].code == "NOT_FOUND"
    assert await bench.total("t") == 1


@pytest.mark.parametrize("fault", ["lose_answers", "refuse_saves"])
async def test_a_lost_answer_is_settled_by_reading_again(bench: Bench, fault: str) -> None:
    store = Fragile(bench.store)
    await bench.run(task("a", adding("t", 1)))
    setattr(store, fault, 2)

    await bench.run(task("b", adding("t", 2)), task("c", adding("u", 3)))

    assert await bench.total("t") == 3
    assert await bench.total("u") == 3
    assert len(set(ids(await bench.said()))) == len(await bench.said()) == 3


async def test_a_guard_that_fails_is_decided_again_on_the_newer_document(bench: Bench) -> None:
    other = Interfering(bench.store)
    await bench.run(task("a", adding("t", 1)))
    doc = await bench.store.get("tallies", "t")
    assert doc is not None
    other.interfere = [{**doc, "rev": 2, "state": {**doc["state"], "total": 100}}]

    await bench.run(task("b", adding("t", 2)), task("c", adding("u", 1)))

    assert await bench.total("t") == 102
    assert await bench.total("u") == 1


async def test_processes_that_write_the_same_documents_lose_nothing_and_say_each_change_once(bench: Bench) -> None:
    processes = [bench, a_bench(bench.store, bench.broker), a_bench(bench.store, bench.broker)]

    async def write(number: int, process: Bench) -> None:
        for batch in range(4):
            named = f"{number}-{batch}"
            await process.run(*(task(f"{named}-{id}", adding(id, 1), adding("all", 1)) for id in "tuv"))

    await asyncio.gather(*(write(number, process) for number, process in enumerate(processes)))

    assert [await bench.total(id) for id in ("t", "u", "v", "all")] == [12, 12, 12, 36]
    said = {(record.key, record.headers[1]): json.loads(record.value or b"") for record in await bench.said()}
    for id, total in (("t", 12), ("u", 12), ("v", 12), ("all", 36)):
        of_one = [told for (key, _), told in said.items() if key == id.encode()]
        assert [(told["version"], told["total"]) for told in of_one] == [(n, n) for n in range(1, total + 1)]


async def test_fields_of_a_newer_version_are_written_back(bench: Bench) -> None:
    await bench.run(task("a", adding("t", 1)))
    doc = await bench.store.get("tallies", "t")
    assert doc is not None
    newer = {**doc, "colour": "red", "state": {**doc["state"], "shape": {"round": True}}}
    await bench.store.upsert("tallies", "t", newer)

    await bench.run(task("b", adding("t", 1)))

    doc = await bench.store.get("tallies", "t")
    assert doc is not None
    assert (doc["colour"], doc["state"]["shape"], doc["state"]["total"]) == ("red", {"round": True}, 2)


async def test_a_follow_up_runs_after_the_save_and_again_for_a_repeat_without_a_second_effect(bench: Bench) -> None:
    change = replace(adding("t", 1), then=lambda state: [adding("u", state.total)])

    await bench.run(task("a", change, offset=1))
    await bench.run(task("a", change, offset=1))

    assert await bench.total("u") == 1


async def test_a_crash_between_a_change_and_its_follow_up_is_completed_by_the_repeat(bench: Bench) -> None:
    await bench.run(task("a", adding("t", 1), offset=1))

    await bench.run(task("a", replace(adding("t", 1), then=lambda _: [adding("u", 7)]), offset=1))

    assert await bench.total("t") == 1
    assert await bench.total("u") == 7


async def test_a_request_does_not_wait_for_a_store_that_stays_away(bench: Bench) -> None:
    Fragile(bench.store).refuse_saves = 1_000

    with pytest.raises(Unavailable):
        await bench.engine.execute([adding("t", 4)], meta("r1"), limit_s=0.2)


async def test_what_is_only_appended_is_not_looked_for_before_it_is_written(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    get_many = bench.store.get_many

    async def noted(collection: str, ids: Sequence[str]) -> list[Doc]:
        asked.append(collection)
        return await get_many(collection, ids)

    monkeypatch.setattr(bench.store, "get_many", noted)

    await bench.run(task("a", writing("n", 1)), task("b", writing("m", 2)))

    assert "notes" not in asked
    assert [await bench.total(id, NOTE) for id in ("n", "m")] == [1, 2]
