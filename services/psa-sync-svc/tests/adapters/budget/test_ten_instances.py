"""Ten instances with a limiter each over one store stay under the limits together."""

import asyncio
from typing import Any

from psa_sync_svc.domain.allowance import Terms, Window
from psa_sync_svc.workers.psa import Purpose

Launch = Any
Psa = Any
Store = Any
INSTANCES, CALLS = 10, 7
TERMS = Terms(
    (Window(30, 1.5),),
    threads=3,
    background=0.8,
    interactive=1.0,
    request_s=0.5,
    clocks_s=0.1,
    wait_s=60.0,
)


async def test_together_they_stay_under_the_window_and_the_threads(store: Store, launched: Launch, psa: Psa) -> None:
    async def work(number: int) -> None:
        instance = launched(store, TERMS, off_s=0.05 * (number % 3 - 1))
        rate = instance.rate(Purpose.INTERACTIVE if number < 2 else Purpose.BACKGROUND)
        for call in range(CALLS):
            async with rate.place("Companies" if (number + call) % 3 else "Countries"):
                await psa.asked("Companies" if (number + call) % 3 else "Countries", 0.01)

    async with asyncio.timeout(120):
        await asyncio.gather(*(work(number) for number in range(INSTANCES)))

    assert len(psa.moments) == INSTANCES * CALLS
    assert psa.most_in(1.5) <= 30
    assert max(psa.most.values()) <= 3


async def test_without_a_window_only_the_threads_are_shared(store: Store, launched: Launch, psa: Psa) -> None:
    terms = Terms(threads=2, request_s=5.0)

    async def work() -> None:
        rate = launched(store, terms).rate()
        for _ in range(5):
            async with rate.place("any"):
                await psa.asked("any", 0.01)

    async with asyncio.timeout(60):
        await asyncio.gather(*(work() for _ in range(6)))

    assert len(psa.moments) == 30
    assert psa.most["any"] == 1, "one turn is left to those whom a person waits for"
