"""One record that fails as nobody foresaw keeps no other waiting: it goes aside, and its neighbours go on."""

import pytest

from shared.engine.errors import Abandoned
from shared.kafka import carrying
from shared.kafka.carrying import Carried, Carrier
from shared.kafka.sorting import Sorter
from tests.engine.stores import Strict
from tests.engine.toys import Bench, a_bench
from tests.kafka.toys import SUBSCRIPTION, a_record


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrying, "pauses", lambda first, _most: Pause(first))


WAITED: list[float] = []


class Pause:
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def sleep(self) -> None:
        WAITED.append(self._seconds)


def a_carrier(bench: Bench) -> Carrier:
    return Carrier(Sorter(SUBSCRIPTION, "c/adds"), bench.engine)


def ours() -> bool:
    return True


def aside(carried: Carried) -> list[tuple[int, str]]:
    return [(record.offset, why.reason) for record, why in carried.letters]


async def unreadable(bench: Bench, id: str) -> None:
    """What a bug, a restored backup or a release that was taken back may leave behind."""
    await bench.engine.apply([], lambda: True)
    doc = {"_id": id, "schema": 1, "partner_id": "p1", "rev": 1, "version": 1, "handled": {}, "outbox": []}
    await bench.store.upsert("tallies", id, {**doc, "unsaid": False, "saved_at": 0, "state": {"shape": "unknown"}})


async def test_a_document_that_cannot_be_read_sends_its_own_commands_aside_only() -> None:
    bench = a_bench()
    await unreadable(bench, "bad")
    records = [a_record(n, "bad" if n in (3, 7) else f"t{n % 4}") for n in range(20)]

    carried = await a_carrier(bench).carry_out(records, lambda: True)

    assert aside(carried) == [(3, "FAILED"), (7, "FAILED")]
    assert sum([await bench.total(f"t{n}") for n in range(4)]) == 18
    assert {task.meta.position.offset for task in carried.tasks if task.meta.position} == set(range(20)) - {3, 7}


async def test_a_handler_that_fails_sends_its_record_aside_and_names_no_value() -> None:
    bench = a_bench()

    carried = await a_carrier(bench).carry_out([a_record(0, "t"), a_record(1, "t", 13), a_record(2, "t")], lambda: True)

    assert aside(carried) == [(1, "FAILED")]
    assert carried.letters[0][1].detail == "carrying it out failed each time: ZeroDivisionError"
    assert await bench.total("t") == 2


async def test_what_fails_only_once_has_its_effect_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = a_bench()
    whole = bench.engine.apply
    failures = [ZeroDivisionError()] * 3

    async def sometimes(*given: object) -> object:
        if failures:
            raise failures.pop()
        return await whole(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(bench.engine, "apply", sometimes)

    carried = await a_carrier(bench).carry_out([a_record(0, "t"), a_record(1, "t")], lambda: True)

    assert aside(carried) == []
    assert await bench.total("t") == 2


async def test_a_document_that_the_store_does_not_take_sends_its_own_commands_aside_only() -> None:
    bench = a_bench()
    Strict(bench.store).unacceptable.add("large")

    carried = await a_carrier(bench).carry_out([a_record(n, "large" if n == 5 else "t") for n in range(9)], ours)

    assert aside(carried) == [(5, "FAILED")]
    assert carried.letters[0][1].detail == "carrying it out failed each time: Unacceptable"
    assert await bench.total("t") == 8


async def test_while_the_store_does_not_let_us_all_records_wait_and_none_goes_aside() -> None:
    bench = a_bench()
    Strict(bench.store).not_allowed = 2

    carried = await a_carrier(bench).carry_out([a_record(n, f"t{n}") for n in range(3)], ours)

    assert aside(carried) == []
    assert [await bench.total(f"t{n}") for n in range(3)] == [1, 1, 1]


async def test_a_release_in_which_everything_fails_puts_records_aside_slowly() -> None:
    WAITED.clear()
    bench = a_bench()

    carried = await a_carrier(bench).carry_out([a_record(n, f"t{n}", 13) for n in range(22)], lambda: True)

    assert len(carried.letters) == 22
    assert WAITED[-4:] == [carrying.SLOWLY_S] * 4
    assert WAITED[:40] == [0.1] * 40


async def test_a_batch_that_is_no_longer_ours_is_not_taken_apart() -> None:
    with pytest.raises(Abandoned):
        await a_carrier(a_bench()).carry_out([a_record(0, "t")], lambda: False)
