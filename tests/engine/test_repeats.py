"""A message that comes again has no second effect, by its position or by its identity."""

from dataclasses import replace

import pytest

from shared.engine.change import Change, Reads
from shared.engine.decision import Decision, Refused
from shared.engine.handled import KEPT
from tests.engine.toys import (
    NOTE,
    TALLY,
    Added,
    Bench,
    Tally,
    adding,
    meta,
    task,
    writing,
)


async def test_a_producers_repeat_has_no_second_effect(bench: Bench) -> None:

    await bench.run(task("a", adding("t", 1), offset=1), task("a", adding("t", 1), offset=2))
    await bench.run(task("a", adding("t", 1), offset=3))

    assert await bench.total("t") == 1
    assert len(await bench.said()) == 1


async def test_a_redelivery_is_known_by_position_after_its_identity_is_forgotten(bench: Bench) -> None:
    first = task("first", adding("t", 1), offset=0)
    await bench.run(first, *(task(f"m{n}", adding("t", 1), offset=n) for n in range(1, KEPT + 2)))

    again = task("first", adding("t", 1), offset=0)
    await bench.run(again)

    assert again.repeated
    assert await bench.total("t") == KEPT + 2


async def test_a_repeat_is_known_within_sixty_four_other_commands(bench: Bench) -> None:
    await bench.run(*(task(f"m{n}", adding("t", 1), offset=n) for n in range(KEPT)))

    await bench.run(task("m0", adding("t", 1), offset=900))

    assert await bench.total("t") == KEPT


async def test_a_repeat_that_was_forgotten_says_what_it_does_as_a_fact_of_its_own(bench: Bench) -> None:
    await bench.run(*(task(f"m{n}", adding("t", 1), offset=n) for n in range(KEPT + 1)))

    await bench.run(task("m0", adding("t", 1), offset=900))

    assert await bench.total("t") == KEPT + 2
    assert len({dict(record.headers)["ce_id"] for record in await bench.said()}) == KEPT + 2


async def test_what_a_follow_up_finds_anew_when_its_message_comes_again_is_said_too(bench: Bench) -> None:
    followed = replace(adding("t", 1), then=lambda _: [replace(adding("u", 1), once=False)])

    await bench.run(task("a", followed, offset=1))
    await bench.run(task("a", followed, offset=2))

    assert await bench.total("u") == 2
    assert [record.key for record in await bench.said()] == [b"t", b"u", b"u"]


async def test_a_creation_is_known_for_ever(bench: Bench) -> None:
    await bench.run(task("created", replace(adding("t", 1), creation=True)))
    await bench.run(*(task(f"m{n}", adding("t", 1)) for n in range(KEPT + 10)))

    await bench.run(task("created", replace(adding("t", 1), creation=True)))

    assert await bench.total("t") == KEPT + 11


async def test_a_request_learns_its_state_and_a_repeat_learns_that_it_is_one(bench: Bench) -> None:

    first = await bench.engine.execute([adding("t", 4)], meta("r1", body=b"12345678"))
    again = await bench.engine.execute([adding("t", 4)], meta("r1", body=b"12345678"))

    assert (first.state_of(TALLY, "t").total, first.repeated) == (4, False)
    assert (again.state_of(TALLY, "t").total, again.repeated) == (4, True)


async def test_the_same_key_with_another_body_is_refused(bench: Bench) -> None:
    await bench.engine.execute([adding("t", 4)], meta("r1", body=b"12345678"))

    with pytest.raises(Refused) as refused:
        await bench.engine.execute([adding("t", 5)], meta("r1", body=b"87654321"))

    assert refused.value.problems[0].code == "IDEMPOTENCY_KEY_REUSED"


async def test_what_is_remembered_of_a_document_does_not_grow(bench: Bench) -> None:
    for n in range(0, 300, 50):
        await bench.run(*(task(f"m{m}", adding("t", 1)) for m in range(n, n + 50)))

    doc = await bench.store.get("tallies", "t")
    assert doc is not None
    assert len(doc["handled"]["recent"]) == KEPT * 16
    assert await bench.total("t") == 300


async def test_a_decision_that_recognises_repeats_itself_writes_nothing_when_nothing_changes(bench: Bench) -> None:
    await bench.run(task("a", adding("t", 1)))

    def keep(tally: Tally | None, _: Reads) -> Decision[Tally, Added]:
        assert tally is not None
        return Decision(tally)

    same = Change(TALLY, "t", keep, once=False)
    await bench.run(task("b", same))

    doc = await bench.store.get("tallies", "t")
    assert doc is not None
    assert doc["rev"] == 1


async def test_what_was_appended_before_is_found_by_its_repeat_and_stays(bench: Bench) -> None:
    await bench.run(task("a", writing("n", 1)))

    await bench.run(task("a", writing("n", 1)), task("b", writing("n", 9)))

    assert await bench.total("n", NOTE) == 1
    assert len(await bench.said()) == 1
