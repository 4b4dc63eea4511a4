"""The steady stream: customers' stories side by side for as long as it is asked for, and one customer's burst."""

import asyncio
import random
import uuid
from time import monotonic
from typing import Final

from shared.contracts.topics import CUSTOMERS_COMMANDS
from tests.faults.clients import Clients, Record
from tests.faults.imports import ImportStory
from tests.faults.ledger.asked import Asked
from tests.faults.psas import Psas
from tests.faults.stories import Story
from tests.faults.watching import Watch

_WINDOW: Final = 16
"""Commands of the burst that are on their way at once; with their copies, far from what a customer remembers."""

_IMPORTED: Final = 0.35
"""The part of the customers that come from a PSA."""


class Stream:
    """`at_once` stories until `stop`; what is begun is brought to its end."""

    def __init__(
        self, clients: Clients, watch: Watch, psas: Psas, seed: int, *, at_once: int, pause_s: float, burst: int
    ) -> None:
        self._clients, self._watch, self._psas, self._seed = clients, watch, psas, seed
        self._at_once, self._pause_s, self._burst = at_once, pause_s, burst
        self._going, self._number = True, 0
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._stories()) for _ in range(self._at_once)]
        self._tasks.append(asyncio.create_task(self._one_burst()))

    async def stop(self) -> None:
        """Raises what went wrong in a story: that is an error of the test."""
        self._going = False
        await asyncio.gather(*self._tasks)

    async def cancel(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _stories(self) -> None:
        while self._going:
            self._number += 1
            rng = random.Random(f"{self._seed}/{self._number}")
            await self._story(rng).live(lambda: self._going)

    def _story(self, rng: random.Random) -> Story:
        if rng.random() < _IMPORTED:
            return ImportStory(self._clients, self._watch, rng, self._pause_s, self._psas)
        return Story(self._clients, self._watch, rng, self._pause_s)

    async def _one_burst(self) -> None:
        """Over Kafka only: an HTTP request that had to be repeated would come after more than a customer remembers."""
        rng = random.Random(f"{self._seed}/burst")
        customer_id = str(uuid.UUID(int=rng.getrandbits(128), version=4))
        for first in range(0, self._burst, _WINDOW):
            numbers = range(first, min(first + _WINDOW, self._burst))
            asked = [_burst_command(customer_id, number, rng) for number in numbers]
            await self._send(asked, rng)

    async def _send(self, asked: list[Asked], rng: random.Random) -> None:
        records: list[tuple[Asked, Record]] = []
        for one in asked:
            self._clients.note(one)
            data = one.sets if one.name == "CreateCustomer" else {"set": one.sets}
            records.append((one, self._clients.record(CUSTOMERS_COMMANDS.name, one, data)))
        copies = rng.sample(records, len(records))
        while records:  # each after the one before it, so that the broker gets them in order
            one, record = records.pop(0)
            one.attempts = 1
            if await self._clients.produce(record):
                one.ended = monotonic()
        await asyncio.gather(*(self._clients.produce(record) for _, record in copies))


def _burst_command(customer_id: str, number: int, rng: random.Random) -> Asked:
    id = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    if number == 0:
        return Asked(id, "CreateCustomer", "kafka", customer_id, {"company_name": "burst 0"})
    email = f"ap{number}@burst.example" if number % 3 else None
    return Asked(id, "UpdateCustomer", "kafka", customer_id, {"company_name": f"burst {number}", "email": email})
