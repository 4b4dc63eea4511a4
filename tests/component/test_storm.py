"""Both sides come to the same, whatever is lost, doubled or killed on the way: the short form of `make converge`."""

import os
import random
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from embedded.stack import Stack
from tests.component.both_sides import PROVIDERS, QUICK, BothSides
from tests.component.process import ready
from tests.component.psa_desk import Heard, Importer, a_desk
from tests.component.storm import FIELDS, Storm, here_of, there_of

pytestmark = pytest.mark.embedded
MANY = 100_000
"""Requests in five minutes: the limit itself is put to the test elsewhere, and here it would only be waited for."""
HURRIED = {**QUICK, "PSA__CALL_LIMIT_S": "3", "HALOPSA__REQUESTS_PER_5_MINUTES": str(MANY)}
CUSTOMERS = int(os.environ.get("CUSTOMERS") or 8)
EDITS = int(os.environ.get("EDITS") or CUSTOMERS * 6)
KILLS = int(os.environ.get("KILLS") or 1)


async def test_both_sides_are_alike_in_the_end_and_nobody_elses_field_has_changed(
    stack: Stack, producer: AIOKafkaProducer, heard: Heard, tmp_path: Path, tells: Callable[[str], None]
) -> None:
    seed = int(os.environ.get("SEED") or random.randrange(1_000_000))
    with a_desk(stack, tmp_path, CUSTOMERS + 5, **HURRIED) as desk:
        await ready(*desk.parts)
        async with Importer(desk, producer, f"partner-{uuid.uuid4()}") as importer:
            sides = [await BothSides.of(importer, each, reference="newest") for each in PROVIDERS]
            await sides[-1].controls("PUT", "/limits", {"requests": MANY})
            storm = Storm(desk, heard, seed, sides)
            await storm.imports(CUSTOMERS)
            before = await _pictures(sides)

            calls = await storm.calm_edits()
            await storm.rage(EDITS, kills=KILLS)
            await storm.until_at_rest()

            after, conflicts = await _pictures(sides), (await importer.asks("GET", "/conflicts?limit=200")).json()
            open_ones = sum(each["status"] == "open" for each in conflicts["items"])
    tells(f"convergence, seed {seed}: {3 * CUSTOMERS} customers, {dict(storm.said)}, {open_ones} conflicts open")
    tells(f"looks and changes for each account changed, half here and half there: {calls}")
    assert max(calls.values()) <= 1.5, f"SEED={seed}"
    for number, each in enumerate(sides):
        _untouched(storm, each, before[number], after[number])


async def _pictures(sides: list[BothSides]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [(await here_of(each), await there_of(each)) for each in sides]


def _untouched(storm: Storm, each: BothSides, before: Any, after: Any) -> None:
    """What nobody edited is what it was, on both sides; no record was doubled."""
    (here_then, there_then), (here_now, there_now) = before, after
    assert there_now.keys() == there_then.keys()
    assert here_now.keys() == here_then.keys()
    for id, customer in here_now.items():
        for name in ("contact_number", "company_address", "email"):
            assert customer[name] == here_then[id][name]
    for linked in storm.still(each.provider.name):
        assert here_now[linked.customer_id] == here_then[linked.customer_id]
        assert there_now[linked.account_id] == there_then[linked.account_id]
    edited = {*each.provider.fields.values(), "lastTrackedModifiedDateTime", "lastActivityDate"}
    edited |= {"lastUpdated", "alastupdate", "slastupdate"}
    for id, account in there_now.items():
        kept = {name: value for name, value in account["row"].items() if name not in edited}
        was = {name: value for name, value in there_then[id]["row"].items() if name not in edited}
        assert kept == was, (each.provider.name, id)
    assert set(FIELDS) <= set(each.provider.fields)
