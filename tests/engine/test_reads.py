"""Other documents that a decision needs to see."""

from dataclasses import replace

from shared.engine.change import Change, Reads, Ref
from shared.engine.decision import Decision
from shared.engine.ports import Doc
from tests.engine.stores import Interfering
from tests.engine.toys import TALLY, Added, Bench, Tally, adding, closing, task


def taking(id: str, other: str) -> Change[Tally, Added]:
    """Adds what the other one has."""
    ref = Ref(TALLY, other)

    def decide(tally: Tally | None, reads: Reads) -> Decision[Tally, Added]:
        tally, seen = tally or Tally(id, "p1"), reads[ref]
        amount = 0 if seen is None else seen.total
        return Decision(replace(tally, total=tally.total + amount), (Added(amount),))

    return Change(TALLY, id, decide, reads=(ref,))


async def stored(bench: Bench, id: str) -> Doc:
    doc = await bench.store.get("tallies", id)
    assert doc is not None
    return doc


async def test_a_decision_sees_what_it_asked_to_see(bench: Bench) -> None:
    await bench.run(task("a", adding("other", 7)))

    await bench.run(task("b", taking("t", "other"), offset=1), task("c", taking("t", "none"), offset=2))

    assert (await stored(bench, "t"))["state"]["total"] == 7


async def test_what_comes_while_others_are_decided_sees_what_it_asked_to_see_too(bench: Bench) -> None:
    """A refused change takes something back, in a document that has its turn later in the same round."""
    await bench.run(
        task("a", adding("other", 7)),
        task("b", adding("t", 1)),
        task("c", adding("shut", 1)),
        task("c2", closing("shut")),
    )
    refused = replace(adding("shut", 1), otherwise=taking("t", "other"))

    await bench.run(task("d", refused), task("e", adding("t", 1)))

    assert (await stored(bench, "t"))["state"]["total"] == 9


async def test_a_failed_guard_has_it_read_again(bench: Bench) -> None:
    await bench.run(task("a", adding("other", 7)), task("b", adding("t", 1)))
    other, t = await stored(bench, "other"), await stored(bench, "t")
    moved = {**other, "rev": other["rev"] + 1, "state": {**other["state"], "total": 50}}
    Interfering(bench.store).interfere = [moved, {**t, "rev": t["rev"] + 1}]

    await bench.run(task("c", taking("t", "other")))

    assert (await stored(bench, "t"))["state"]["total"] == 51
