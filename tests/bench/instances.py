"""Commands to published events with one, two and three instances of customer-svc, as ratios to one."""

import os
from collections.abc import Sequence
from statistics import median
from typing import Final

from tests.bench import running
from tests.bench.crew import Crew
from tests.bench.customers import Updates, customers, renamed
from tests.bench.limits import StoreLimit
from tests.bench.plan import Plan
from tests.bench.records import sender
from tests.bench.report import Report
from tests.bench.rounds import Rounds
from tests.bench.throughput import Commands

MOST: Final = 3
_CYCLES: Final = 3
_WARM_SHARE: Final = 8
"""A new instance's first commands, which do not count: so much of a round."""


async def measure(plan: Plan, report: Report) -> None:
    """Each cycle is one round with each number of instances."""
    async with plan.running("instances", running.CUSTOMERS, instances=MOST) as run, sender(run.kafka) as out:
        ids = await customers(run, out, plan.customers, aged=True)
        store = run.store(running.CUSTOMERS)
        commands = Commands(run, out, Updates(ids))
        crew = Crew(run.parts[running.CUSTOMERS], begun=1)
        rounds = [Rounds(crew, StoreLimit(store, ids, renamed).measure, commands.rate) for _ in range(MOST)]
        for _ in range(cycles(plan)):
            for number, each in enumerate(rounds, start=1):
                await one(crew, number, each, plan)
        store.close()
        report.memory(run.services[running.CUSTOMERS])
    compare(report, "customer-svc", rounds)
    report.add(*CORES)


CORES: Final = ("  cores of this machine, shared by all of it", f"{os.cpu_count()}")
"""The remark without which the ratios would be read as how it scales: three instances on two cores cannot."""


def cycles(plan: Plan) -> int:
    return min(plan.rounds, _CYCLES)


async def one(crew: Crew, number: int, rounds: Rounds[Crew], plan: Plan) -> None:
    """One round with so many instances, after those that have just begun are warm and have their partitions."""
    crew.be(number)
    await rounds.rate(max(1, plan.commands // _WARM_SHARE))
    await rounds.add(plan.commands // 2)


def compare(report: Report, what: str, rounds: Sequence[Rounds[Crew]]) -> None:
    """The first of these is the one that the others are compared with."""
    report.share(f"{what}, 1 instance, of the store's limit", rounds[0].rates, rounds[0].limits)
    for number, each in enumerate(rounds[1:], start=2):
        beside(report, f"{what}, {number} instances beside 1", each.rates, rounds[0].rates)
    for number, each in enumerate(rounds, start=1):
        report.cpu(f"  CPU of {number} for 1,000 commands and their timeline", each.cpu_s)


def beside(report: Report, what: str, rates: Sequence[float], others: Sequence[float]) -> None:
    """The median of what each round reached of the other's in the same cycle."""
    ratios = [rate / other for rate, other in zip(rates, others, strict=True)]
    found = f"{median(ratios):.2f} times: {median(rates):,.0f}/s and {median(others):,.0f}/s"
    report.add(what, found, rounds=" ".join(f"{ratio:.2f}" for ratio in ratios))
