"""One command at a time: how long to its event, in bare round trips of the same minute.

A store and a broker that have just started are compiled while they work: what counts comes after some thousands.
"""

import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Final

from shared.contracts.topics import ANSWERS, CUSTOMERS, CUSTOMERS_COMMANDS
from tests.bench import running
from tests.bench.customers import Updates, customers
from tests.bench.limits import RoundTrip
from tests.bench.plan import Plan
from tests.bench.records import Listener, Sender, listener, sender
from tests.bench.report import Report
from tests.bench.throughput import Commands

TRIPS: Final = 5.0
_CUSTOMERS: Final = 500
_WARM_UPS: Final = 2
_BLOCK: Final = 25
_PAUSES_S: Final = (0.3, 0.8)

Once = Callable[[], Awaitable[float]]


async def measure(plan: Plan, report: Report) -> None:
    async with plan.running("latency", running.CUSTOMERS) as run, sender(run.kafka) as out:
        ids = await customers(run, out, min(_CUSTOMERS, plan.customers), aged=True)
        async with listener(run.kafka, ANSWERS) as answers, listener(run.kafka, CUSTOMERS) as said:
            trip, updates = RoundTrip(out, answers).measure, Updates(ids)
            command = OneCommand(out, said, updates).measure
            await warm_up(Commands(run, out, updates), plan)
            await alternating(trip, command, plan.trips)
            close, far = await alternating(trip, command, plan.trips), await paused(trip, command, plan.pauses)
        report.memory(run.services[running.CUSTOMERS])
    report.trips("one command to its event, back to back: p50", close[1], close[0], TRIPS)
    report.trips("one command to its event, after pauses of 0.3 to 0.8 s: p50", far[1], far[0])
    report.noisy("bare round trip", [statistics.median(close[0][at : at + _BLOCK]) for at in _starts(close[0])])


class OneCommand:
    """From sending an UpdateCustomer to reading its event."""

    def __init__(self, sender: Sender, said: Listener, updates: Updates) -> None:
        self._sender, self._said, self._updates = sender, said, updates

    async def measure(self) -> float:
        command = self._updates()
        began = time.perf_counter()
        await self._sender.send_one(CUSTOMERS_COMMANDS, command)
        await self._said.until(command.key)
        return time.perf_counter() - began


async def warm_up(commands: Commands, plan: Plan) -> None:
    for _ in range(_WARM_UPS):
        await commands.rate(plan.commands)
        await commands.run.rest()


async def alternating(trip: Once, other: Once, number: int) -> tuple[list[float], list[float]]:
    """Seconds of each, a block of the one and a block of the other in turn."""
    trips: list[float] = []
    others: list[float] = []
    while len(others) < number:
        block = range(min(_BLOCK, number - len(others)))
        trips += [await trip() for _ in block]
        others += [await other() for _ in block]
    return trips, others


async def paused(trip: Once, other: Once, number: int) -> tuple[list[float], list[float]]:
    """The same with a pause before each, in which everything falls asleep."""
    pauses = random.Random(4)
    trips, others = [], []
    for _ in range(number):
        await asyncio.sleep(pauses.uniform(*_PAUSES_S))
        trips.append(await trip())
        await asyncio.sleep(pauses.uniform(*_PAUSES_S))
        others.append(await other())
    return trips, others


def _starts(times: list[float]) -> range:
    return range(0, len(times), _BLOCK)
