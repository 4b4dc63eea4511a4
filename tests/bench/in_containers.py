"""`make bench-containers`: one, two and three instances in containers, each round beside one of the embedded system.

Both systems stand side by side, so that their rounds alternate and noise meets both. Who asks is outside: its records
come into the containers by published ports.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from embedded.datadir import DataDir
from tests.bench import running as bench
from tests.bench.__main__ import WIDTH
from tests.bench.crew import Crew
from tests.bench.customers import Updates, customers, renamed
from tests.bench.instances import CORES, MOST, beside, compare, cycles, one
from tests.bench.limits import StoreLimit
from tests.bench.machine import Watched
from tests.bench.plan import Plan
from tests.bench.records import sender
from tests.bench.report import Report
from tests.bench.rounds import Rounds
from tests.bench.running import CUSTOMERS
from tests.bench.throughput import Commands
from tests.e2e.composing import READY_S, Wanted, is_ready, running
from tests.e2e.containers import Part
from tests.e2e.running import until

_PREFIX: Final = "rebilling_"


@dataclass(frozen=True)
class Contained:
    """An instance in a container, started and stopped as a process is."""

    part: Part

    @property
    def name(self) -> str:
        return f"{self.part.name} in a container"

    @property
    def url(self) -> str:
        return self.part.url

    @property
    def pid(self) -> int:
        return self.part.pid

    def start(self) -> None:
        self.part.container.get_wrapped_container().start()
        until(self.name, lambda: is_ready(self.part), READY_S)

    def stop(self) -> None:
        self.part.container.get_wrapped_container().stop(timeout=30)


@dataclass(frozen=True)
class Side:
    """One system, its instances, and how fast it is with each number of them."""

    run: bench.Running
    crew: Crew
    rounds: list[Rounds[Crew]]


@asynccontextmanager
async def side(run: bench.Running, crew: Crew, plan: Plan, most: int) -> AsyncIterator[Side]:
    async with sender(run.kafka) as out:
        ids = await customers(run, out, plan.customers, aged=True)
        store = run.store(CUSTOMERS)
        commands = Commands(run, out, Updates(ids))
        yield Side(
            run, crew, [Rounds(crew, StoreLimit(store, ids, renamed).measure, commands.rate) for _ in range(most)]
        )
        store.close()


@asynccontextmanager
async def contained(home: Path) -> AsyncIterator[tuple[bench.Running, Crew]]:
    """Only customer-svc, with what it needs; one instance is left running."""
    with running(home / "containers", Wanted(instances=MOST, services=(CUSTOMERS,))) as containers:
        instances = [Contained(part) for part in containers.services()]
        crew, at = Crew(instances, begun=MOST), containers.endpoints()
        crew.be(1)
        data = DataDir(home / "beside")
        watched = {CUSTOMERS: Watched(instances[0])}
        try:
            yield bench.Running(at["kafka"], at["mongodb"], _PREFIX, data, watched, "", containers.identity), crew
        finally:
            data.release()


async def measure(plan: Plan, report: Report) -> None:
    async with (
        contained(plan.home) as (there, crew),
        plan.running("embedded", CUSTOMERS) as here,
        side(there, crew, plan, MOST) as containers,
        side(here, Crew(here.parts[CUSTOMERS], begun=1), plan, 1) as embedded,
    ):
        for _ in range(cycles(plan)):
            await one(embedded.crew, 1, embedded.rounds[0], plan)
            for number, rounds in enumerate(containers.rounds, start=1):
                await one(crew, number, rounds, plan)
        report.memory(here.services[CUSTOMERS])
        report.memory(there.services[CUSTOMERS])
    one_here, one_there = embedded.rounds[0], containers.rounds[0]
    beside(report, "1 instance in containers beside 1 embedded", one_there.rates, one_here.rates)
    beside(
        report, "  the store's limit in a container beside that of the embedded one", one_there.limits, one_here.limits
    )
    compare(report, "customer-svc in containers", containers.rounds)
    report.add(*CORES)
    report.noisy("embedded", one_here.rates)
    report.noisy("in containers", one_there.rates)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.in_containers", description=__doc__)
    parser.add_argument("--rounds", type=int, default=Plan.rounds, help="alternating cycles, three at most")
    told = parser.parse_args()
    console, report = Console(width=WIDTH), Report()
    with tempfile.TemporaryDirectory() as home:
        began = time.monotonic()
        asyncio.run(measure(Plan(Path(home), rounds=told.rounds), report))
    console.print(f"measured containers in {time.monotonic() - began:.0f} s")
    report.show(console)


if __name__ == "__main__":
    main()
