"""What nobody waits for comes after what somebody waits for, and never stands still."""

import asyncio

import pytest

from shared.kafka import giving_way
from shared.kafka.giving_way import BEHIND_S, IDLE_LOOKS, LEAST_S, LOOK_S, give_way

NOW = 1_000_000.0


@pytest.fixture(autouse=True)
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that were slept, on a clock that goes on by nothing else."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(giving_way, "monotonic", lambda: sum(slept))
    monkeypatch.setattr(giving_way, "time", lambda: NOW + sum(slept))
    monkeypatch.setattr(asyncio, "sleep", sleep)
    return slept


async def test_it_waits_until_the_others_have_had_nothing_in_hand_for_a_while() -> None:
    between_two = [False, False]
    busy = [True, *between_two, True, *[False] * IDLE_LOOKS, True]

    await give_way(lambda: busy.pop(0), NOW)

    assert busy == [True]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        pytest.param(NOW, BEHIND_S, id="a fresh batch: as far as it may fall behind"),
        pytest.param(NOW - 2.0, BEHIND_S - 2.0, id="one that is behind already: the rest of it"),
        pytest.param(NOW - 86_400.0, LEAST_S, id="one far behind: a moment, and it goes on"),
        pytest.param(NOW + 86_400.0, BEHIND_S, id="one from the future: no longer than a fresh one"),
    ],
)
async def test_while_the_others_are_always_busy(waited: list[float], said: float, seconds: float) -> None:
    await give_way(lambda: True, said)

    assert seconds <= sum(waited) < seconds + 2 * LOOK_S
