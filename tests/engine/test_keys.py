"""A key of a request that creates something stands for its first body, whichever document another body names."""

import asyncio
from dataclasses import replace

import pytest

from shared.engine.change import Change
from shared.engine.decision import Refused
from shared.engine.errors import Unavailable
from shared.engine.keys import KEPT, KEYS, PAGE, KeySweep
from shared.engine.leases import Leases, now_ms
from tests.engine.stores import Fragile
from tests.engine.toys import TALLY, Added, Bench, Tally, adding, meta

ONE, OTHER = b"12345678", b"87654321"


def creating(id: str, amount: int = 1) -> Change[Tally, Added]:
    return replace(adding(id, amount), creation=True)


async def test_another_body_that_names_another_document_is_refused(bench: Bench) -> None:
    await bench.engine.execute([creating("t")], meta("k", body=ONE))

    with pytest.raises(Refused) as refused:
        await bench.engine.execute([creating("u")], meta("k", body=OTHER))

    assert [problem.code for problem in refused.value.problems] == ["IDEMPOTENCY_KEY_REUSED"]
    assert await bench.engine.read(TALLY, "u") is None


async def test_the_same_body_is_a_repeat(bench: Bench) -> None:
    outcomes = [await bench.engine.execute([creating("t")], meta("k", body=ONE)) for _ in range(2)]

    assert [outcome.repeated for outcome in outcomes] == [False, True]
    assert await bench.total("t") == 1


async def test_of_two_bodies_at_once_one_is_taken(bench: Bench) -> None:
    asked = [("t", ONE), ("u", OTHER), ("v", b"abcdefgh")]

    answers = await asyncio.gather(
        *(bench.engine.execute([creating(id)], meta("k", body=body)) for id, body in asked), return_exceptions=True
    )

    assert sum(isinstance(answer, Refused) for answer in answers) == 2
    assert await bench.store.count(TALLY.collection, {}) == 1


async def test_a_request_that_got_no_further_than_its_key_is_completed_by_its_repeat_only(bench: Bench) -> None:
    store = Fragile(bench.store)
    store.refuse_saves = 10_000
    with pytest.raises(Unavailable):
        await bench.engine.execute([creating("t")], meta("k", body=ONE), limit_s=0.1)
    store.refuse_saves = 0

    with pytest.raises(Refused):
        await bench.engine.execute([creating("u")], meta("k", body=OTHER))
    again = await bench.engine.execute([creating("t")], meta("k", body=ONE))

    assert not again.repeated
    assert await bench.total("t") == 1


async def test_a_request_without_a_key_claims_none_and_neither_does_one_that_its_path_leads_to_its_document(
    bench: Bench,
) -> None:
    await bench.engine.execute([creating("t")], meta("no-key"))
    await bench.engine.execute([adding("t", 1)], meta("k", body=ONE))

    assert await bench.store.count(KEYS, {}) == 0


async def test_a_claim_is_forgotten_when_it_is_old_and_its_repeat_is_known_for_ever(bench: Bench) -> None:
    await bench.engine.execute([creating("t")], meta("k", body=ONE))
    await bench.engine.execute([creating("young")], meta("other", body=ONE))
    await dated(bench, "k", now_ms() - int(KEPT.total_seconds() * 1000) - 1)

    assert await a_sweep(bench).step() == 1

    assert await bench.store.count(KEYS, {}) == 1
    again = await bench.engine.execute([creating("t")], meta("k", body=ONE))
    assert (again.repeated, await bench.total("t")) == (True, 1)
    with pytest.raises(Refused) as refused:
        await bench.engine.execute([creating("t", 2)], meta("k", body=OTHER))
    assert refused.value.problems[0].code == "IDEMPOTENCY_KEY_REUSED"


async def test_claims_of_before_they_were_dated_count_from_the_first_look(bench: Bench) -> None:
    for number in range(PAGE + 3):
        await bench.store.insert(KEYS, {"_id": f"old-{number:04d}", "partner_id": "p1", "body": ONE})

    assert await a_sweep(bench).step() == 0

    kept = await bench.store.find(KEYS, {})
    assert len(kept) == PAGE + 3
    assert all(now_ms() - doc["at"] < 60_000 for doc in kept)


async def test_old_claims_go_however_many_there_are_and_by_one_process_at_a_time(bench: Bench) -> None:
    for number in range(2 * PAGE + 1):
        await bench.store.insert(KEYS, {"_id": f"{number:04d}", "partner_id": "p1", "body": ONE, "at": 0})
    first, second = a_sweep(bench), a_sweep(bench)

    forgotten = [await first.step(), await second.step()]

    assert forgotten == [2 * PAGE + 1, 0]
    assert await bench.store.count(KEYS, {}) == 0


def a_sweep(bench: Bench) -> KeySweep:
    """Another process's, each time."""
    return KeySweep(bench.store, Leases(bench.store))


async def dated(bench: Bench, key: str, at: int) -> None:
    assert await bench.store.update_if(KEYS, meta(key).identity, {}, {"$set": {"at": at}})
