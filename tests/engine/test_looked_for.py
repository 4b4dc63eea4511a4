"""What lists look for in a document is what the running version looks for, whoever saved the document last."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from shared.engine.change import Kind
from shared.engine.leases import Leases
from shared.engine.open_work import PAGE, OpenWorkSweep
from shared.engine.ports import Doc
from tests.engine.toys import TALLY, Added, Bench, Tally, adding, task


def _as_it_was(tally: Tally) -> Mapping[str, Any]:
    return {"name": tally.tally_id}


def _as_it_is(tally: Tally) -> Mapping[str, Any]:
    return {"name": tally.tally_id.lower(), "total": tally.total}


BEFORE = replace(TALLY, index=_as_it_was)
NOW = replace(TALLY, index=_as_it_is)


async def a_round(bench: Bench, kind: Kind[Tally, Added] = NOW) -> None:
    sweep = OpenWorkSweep(bench.store, bench.jobs, Leases(bench.store), [kind])
    while not sweep.resting:
        await sweep.step()


async def found(bench: Bench, **looked_for: Any) -> list[Doc]:
    return await bench.store.find("tallies", {f"q.{name}": value for name, value in looked_for.items()})


async def test_what_an_older_version_saved_is_found_by_what_is_looked_for_now(bench: Bench) -> None:
    await bench.run(*(task(f"m{number}", adding(f"T{number:03d}", number, kind=BEFORE)) for number in range(PAGE + 2)))
    assert await found(bench, name="t201") == []

    await a_round(bench)

    assert [doc["_id"] for doc in await found(bench, name="t201", total=201)] == ["T201"]
    assert await found(bench, name="T201") == []


async def test_nothing_else_of_a_document_is_another_one(bench: Bench) -> None:
    await bench.run(task("a", adding("T", 1, kind=BEFORE)))
    before = await bench.store.get("tallies", "T")

    await a_round(bench)

    after = await bench.store.get("tallies", "T")
    assert before is not None
    assert after == {**before, "q": {"name": "t", "total": 1}}


async def test_where_all_is_as_it_is_looked_for_nothing_is_written(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.run(task("a", adding("T", 1, kind=NOW)))
    made = []
    update_each = bench.store.update_each

    async def noted(collection: str, updates: Any) -> int:
        made.extend(updates)
        return await update_each(collection, updates)

    monkeypatch.setattr(bench.store, "update_each", noted)

    await a_round(bench)

    assert made == []


async def test_what_is_saved_between_the_look_and_the_write_keeps_what_that_save_wrote(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.run(task("a", adding("T", 1, kind=BEFORE)))
    update_each = bench.store.update_each

    async def too_late(collection: str, updates: Any) -> int:
        await bench.run(task("b", adding("T", 1, kind=NOW)))
        return await update_each(collection, updates)

    monkeypatch.setattr(bench.store, "update_each", too_late)

    await a_round(bench)

    assert len(await found(bench, name="t", total=2)) == 1


async def test_a_document_that_cannot_be_read_keeps_no_other_from_being_found(bench: Bench) -> None:
    await bench.run(task("a", adding("T", 1, kind=BEFORE)), task("b", adding("U", 1, kind=BEFORE)))
    await bench.store.update_if("tallies", "T", {}, {"$set": {"state": {"tally_id": []}}})

    await a_round(bench)

    assert len(await found(bench, name="u")) == 1
