"""What this process saw confirmed it never says again, however its saves, publishes and clearings overlap."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from shared.engine import apply
from shared.engine.leases import Leases
from shared.engine.ports import Doc
from shared.engine.sweep import Sweep
from shared.engine.task import Saved
from shared.store.memory import MemoryStore
from tests.engine.toys import Bench, a_bench, adding, task


def said(bench: Bench) -> list[int]:
    return [json.loads(record.value or b"")["amount"] for record in bench.broker.records]


async def held(bench: Bench, saved: Sequence[Saved]) -> tuple[asyncio.Task[None], asyncio.Event]:
    """Publish as far as the broker's confirmation, which is for the caller to give."""
    bench.broker.hold = confirm = asyncio.Event()
    publishing = asyncio.create_task(bench.relay.publish(saved))
    for _ in range(10):
        await asyncio.sleep(0)
    bench.broker.hold = None
    return publishing, confirm


def a_sweep(bench: Bench) -> Sweep:
    return Sweep(bench.store, bench.relay, Leases(bench.store), ["tallies"])


async def test_what_a_newer_save_left_out_is_not_said_for_an_older_save() -> None:
    """Two saves, then the first one's fact is confirmed, then a third save leaves it out."""
    bench = a_bench()
    first = await bench.engine.apply([task("a", adding("t", 1))], lambda: True)
    second = await bench.engine.apply([task("b", adding("t", 2))], lambda: True)
    await bench.relay.publish(first)

    await bench.run(task("c", adding("t", 3)))
    await bench.relay.publish(second)

    assert said(bench) == [1, 2, 3]


async def test_a_publish_whose_facts_were_left_out_while_it_waited_says_none_again() -> None:
    """The second publish waits for the first one's fact too; before its own is confirmed, a third save comes."""
    bench = a_bench()
    first = await bench.engine.apply([task("a", adding("t", 1))], lambda: True)
    second = await bench.engine.apply([task("b", adding("t", 2))], lambda: True)
    publishing_first, confirm_first = await held(bench, first)
    publishing_second, confirm_second = await held(bench, second)

    confirm_first.set()
    await publishing_first
    third = await bench.engine.apply([task("c", adding("t", 3))], lambda: True)
    confirm_second.set()
    await publishing_second
    await bench.relay.publish(third)

    assert said(bench) == [1, 2, 3]


async def test_what_the_sweep_cleared_is_not_said_for_an_older_save() -> None:
    bench = a_bench()
    first = await bench.engine.apply([task("a", adding("t", 1))], lambda: True)
    await bench.run(task("b", adding("t", 2)))
    await a_sweep(bench).clear_all()

    await bench.relay.publish(first)

    assert said(bench) == [1, 2]


async def test_what_was_relieved_within_a_batch_is_not_said_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply, "HEAVY", 1)
    bench = a_bench()

    await bench.run(task("a", adding("t", 1)), task("nothing", adding("t", 0)))

    assert said(bench) == [1]


async def test_a_scan_that_read_before_the_clearing_says_nothing_again() -> None:
    class Pausing(MemoryStore):
        """Answers a search as of before something else happened."""

        async def find(self, collection: str, filter: Mapping[str, Any], **how: Any) -> list[Doc]:
            found = await super().find(collection, filter, **how)
            if collection == "tallies":
                await a_sweep(bench).clear_all()
            return found

    bench = a_bench(Pausing())
    await bench.run(task("a", adding("t", 1)))
    assert await bench.store.update_if("tallies", "t", {}, {"$set": {"saved_at": 0}})

    assert await a_sweep(bench).say_abandoned() == 1

    assert said(bench) == [1]


async def test_what_was_cleared_is_remembered_no_longer_than_work_may_hold_it() -> None:
    bench = a_bench()
    for n in range(20):
        await bench.run(task(f"m{n}", adding("t", 1)))

    await bench.run(task("last", adding("u", 1)))

    assert len(bench.relay._cleared) <= 2


async def test_what_was_given_up_at_a_revoke_is_cleared_by_the_scan_though_older_work_still_lasts() -> None:
    """Another process saved the document anew, so that this one could say its facts and not clear them; then that one
    died."""
    bench = a_bench()
    dead = a_bench(bench.store, bench.broker)
    older_work = bench.relay.begin()
    await bench.run(task("a", adding("t", 1)))
    await dead.engine.apply([task("b", adding("t", 2))], lambda: True)
    await a_sweep(bench).clear_all()
    assert await bench.store.update_if("tallies", "t", {}, {"$set": {"saved_at": 0}})

    assert await a_sweep(bench).say_abandoned() == 1
    await a_sweep(bench).clear_all()

    assert await bench.store.count("tallies", {"unsaid": True}) == 0
    assert said(bench)[:2] == [1, 2]
    del older_work
