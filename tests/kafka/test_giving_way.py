"""What nobody waits for comes after what somebody waits for, and never stands still."""

import asyncio

import pytest

from shared.kafka import giving_way
from shared.kafka.giving_way import LOOKS, give_way


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(giving_way, "LOOK_S", 0.0)


async def test_it_waits_until_the_others_have_nothing_in_hand() -> None:
    busy = [True, True, False, True]

    await give_way(lambda: busy.pop(0))

    assert busy == [True]


async def test_under_a_load_that_never_ends_it_goes_on_all_the_same() -> None:
    looks = 0

    def always() -> bool:
        nonlocal looks
        looks += 1
        return True

    await asyncio.wait_for(give_way(always), 10)

    assert looks == LOOKS
