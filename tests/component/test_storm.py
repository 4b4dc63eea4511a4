"""Both sides come to the same, whatever is lost, doubled or killed on the way: the short form of `make converge`."""

import os
import random
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from embedded.stack import Stack
from tests.component.both_sides import QUICK, BothSides
from tests.component.process import ready
from tests.component.psa_desk import Heard, Importer, a_desk
from tests.component.storm import POLICIES, Storm, conflicts_of, picture_of
from tests.component.unharmed import harm
from tests.providers import PROVIDERS

pytestmark = pytest.mark.embedded
MANY = 100_000
"""Requests in five minutes: the limit itself is put to the test elsewhere, and here it would only be waited for."""
HURRIED = {**QUICK, "PSA__CALL_LIMIT_S": "3", "HALOPSA__REQUESTS_PER_5_MINUTES": str(MANY)}
CUSTOMERS = int(os.environ.get("CUSTOMERS") or 8)
EDITS = int(os.environ.get("EDITS") or CUSTOMERS * 6)
KILLS = int(os.environ.get("KILLS") or 1)
INSTANCES = 2


async def test_both_sides_are_alike_in_the_end_and_nobody_elses_field_has_changed(
    stack: Stack, producer: AIOKafkaProducer, heard: Heard, tmp_path: Path, tells: Callable[[str], None]
) -> None:
    seed = int(os.environ.get("SEED") or random.randrange(1_000_000))
    with a_desk(stack, tmp_path, CUSTOMERS + 5, INSTANCES, **HURRIED) as desk:
        await ready(*desk.parts)
        async with Importer(desk, producer, f"partner-{uuid.uuid4()}") as importer:
            sides = [await BothSides.of(importer, each, **POLICIES) for each in PROVIDERS]
            await sides[-1].controls("PUT", "/limits", {"requests": MANY})
            storm = Storm(desk, heard, seed, sides)
            await storm.imports(CUSTOMERS)
            before = [await picture_of(each) for each in sides]

            calls = await storm.calm_edits()
            await storm.rage(EDITS, kills=KILLS)
            await storm.until_at_rest()

            after = [await picture_of(each) for each in sides]
            open_ones = len(await conflicts_of(sides[0]))
    tells(f"convergence, seed {seed}: {3 * CUSTOMERS} customers, {dict(storm.said)}, {open_ones} conflicts open")
    for name, asked in calls.items():
        tells(f"asked of {name} beside lists, half edited here and half there: {asked}")
    assert max(each.ratio for each in calls.values()) <= 1.5, f"SEED={seed}"
    for each, was, now in zip(sides, before, after, strict=True):
        linked = storm.linked[each.provider.name]
        assert list(harm(each.provider, linked, storm.edited, was, now)) == [], f"SEED={seed}"
