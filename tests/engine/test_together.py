"""What follows a request and is swept too is carried out with what follows others, and leaves no request unanswered."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from shared.engine.change import Change, Reads
from shared.engine.decision import Decision
from shared.engine.errors import Unavailable
from shared.engine.ports import Documents, Save, Write
from shared.engine.together import Together
from tests.engine.stores import InFront
from tests.engine.toys import TALLY, TRACKED, Added, Bench, Tally, adding, meta

SHARED = "shared"


class Sharing(InFront):
    """Counts the saves of what all follow-ups share; `away`: none of them is answered."""

    def __init__(self, store: Documents) -> None:
        super().__init__(store)
        self.saves, self.away, self.saved = 0, False, asyncio.Event()

    async def save(self, collection: str, writes: Sequence[Write]) -> set[str]:
        if collection == TRACKED.collection:
            self.saves += 1
            if self.away:
                raise Unavailable("away")
        await asyncio.sleep(0)  # as on the way to a server: others come between
        lost = await self._save(collection, writes)
        if collection == TRACKED.collection:
            self.saved.set()
        return lost


def followed(id: str, amount: int = 1, *, swept: bool = True) -> Change[Tally, Added]:
    """By an addition to the shared tally, which is recognised where it was done."""

    def decide(known: Tally | None, reads: Reads) -> Decision[Tally, Added]:
        del reads
        shared = known or Tally(SHARED, "p1")
        return Decision(replace(shared, total=shared.total + amount), (Added(amount),))

    def then(_: Tally) -> list[Change[Tally, Added]]:
        return [Change(TRACKED, SHARED, decide)]

    return replace(adding(id, amount), then=then, swept=swept)


async def test_what_follows_all_requests_of_one_moment_is_saved_together(bench: Bench) -> None:
    sharing = Sharing(bench.store)

    await asyncio.gather(*(bench.engine.execute([followed(f"t{n}")], meta(f"k{n}")) for n in range(20)))

    assert await bench.total(SHARED, TRACKED) == 20
    assert sharing.saves < 10


async def test_a_request_is_answered_though_what_follows_cannot_be_saved(bench: Bench) -> None:
    sharing = Sharing(bench.store)
    sharing.away = True

    outcome = await bench.engine.execute([followed("t")], meta("k"), limit_s=0.3)

    assert outcome.state_of(TALLY, "t").total == 1
    assert await bench.engine.read(TRACKED, SHARED) is None


async def test_what_a_request_saved_before_its_time_was_over_is_said_without_a_sweep(bench: Bench) -> None:
    sharing = Sharing(bench.store)
    sharing.away = True

    with pytest.raises(Unavailable):
        await bench.engine.execute([followed("t", swept=False)], meta("k"), limit_s=0.3)

    async with asyncio.timeout(5):
        while not await bench.said():  # noqa: ASYNC110 - a broker has no event to wait for
            await asyncio.sleep(0.01)


async def test_what_is_not_swept_is_owed_to_the_request(bench: Bench) -> None:
    sharing = Sharing(bench.store)
    sharing.away = True

    with pytest.raises(Unavailable):
        await bench.engine.execute([followed("t", swept=False)], meta("k"), limit_s=0.3)
    sharing.away = False
    await bench.engine.execute([followed("t", swept=False)], meta("k"))

    assert await bench.total(SHARED, TRACKED) == 1


async def test_an_answered_request_goes_on_once_the_store_is_back(bench: Bench) -> None:
    sharing = Sharing(bench.store)
    sharing.away = True
    await bench.engine.execute([followed("t")], meta("k"), limit_s=0.1)
    sharing.away = False

    async with asyncio.timeout(10):
        await sharing.saved.wait()

    assert await bench.total(SHARED, TRACKED) == 1


async def test_a_follow_up_that_fails_as_nobody_foresaw_keeps_no_other_from_its_own(bench: Bench) -> None:
    def broken(_: Tally) -> list[Change[Tally, Added]]:
        def decide(known: Tally | None, reads: Reads) -> Decision[Tally, Added]:
            raise ValueError("a mistake in a rule")

        return [Change(TRACKED, "broken", decide)]

    wrong = replace(followed("w"), then=broken)

    answers = await asyncio.gather(
        *(bench.engine.execute([followed(f"t{n}")], meta(f"k{n}")) for n in range(3)),
        bench.engine.execute([wrong], meta("w")),
        *(bench.engine.execute([followed(f"u{n}")], meta(f"l{n}")) for n in range(3)),
        return_exceptions=True,
    )

    assert [type(answer) for answer in answers if isinstance(answer, Exception)] == [ValueError]
    assert await bench.total(SHARED, TRACKED) == 6


async def test_a_worker_carries_out_together_what_it_would_contend_for(bench: Bench) -> None:
    sharing = Sharing(bench.store)
    steps = [followed(f"t{n}") for n in range(20)]

    await asyncio.gather(*(bench.engine.execute_together([each], meta(f"k{n}")) for n, each in enumerate(steps)))

    assert await bench.total(SHARED, TRACKED) == 20
    assert sharing.saves < 10


async def test_a_worker_is_told_where_it_was_not_carried_out() -> None:
    async def away(_: object) -> None:
        raise Unavailable("away")

    with pytest.raises(Unavailable):
        await Together(away).carried_out([], 10.0)


async def test_a_request_gives_up_a_store_that_is_silent(bench: Bench) -> None:
    async def silent(saves: Sequence[Save]) -> list[set[str]]:
        await asyncio.Event().wait()
        return []

    save, bench.store.save_each = bench.store.save_each, silent  # type: ignore[method-assign]  # until it is back
    async with asyncio.timeout(5):
        with pytest.raises(Unavailable):
            await bench.engine.execute([followed("t")], meta("k"), limit_s=0.1)
    bench.store.save_each = save  # type: ignore[method-assign]

    assert not (await bench.engine.execute([followed("t")], meta("k"))).repeated
    assert await bench.total(SHARED, TRACKED) == 1
