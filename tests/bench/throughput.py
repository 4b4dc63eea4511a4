"""Commands to published events through customer-svc, in rounds that alternate with the store's limit."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from shared.contracts.topics import CUSTOMERS, CUSTOMERS_COMMANDS
from tests.bench import running
from tests.bench.customers import Updates, customers, renamed
from tests.bench.limits import StoreLimit
from tests.bench.machine import Watched
from tests.bench.naive import NaiveHandler
from tests.bench.plan import Plan
from tests.bench.records import Sender, listener, sender
from tests.bench.report import Report
from tests.bench.rounds import Rounds

SHARE: Final = 0.6
_NAIVE_SHARE: Final = 40


@dataclass
class Commands:
    """UpdateCustomer for the customers of one customer-svc."""

    run: running.Running
    sender: Sender
    updates: Updates

    async def rate(self, number: int) -> float:
        """Per second, from sending them all to the last of their events, read."""
        ready = self.sender.ready([self.updates() for _ in range(number)])
        async with listener(self.run.kafka, CUSTOMERS) as said:
            began = time.perf_counter()
            await self.sender.send(CUSTOMERS_COMMANDS, ready)
            await said.count(number)
            return number / (time.perf_counter() - began)


@asynccontextmanager
async def commands_of(
    plan: Plan, name: str, size: int, *, aged: bool
) -> AsyncIterator[tuple[Commands, Rounds[Watched]]]:
    """A system with so many customers, warmed up."""
    async with plan.running(name, running.CUSTOMERS) as run, sender(run.kafka) as out:
        ids = await customers(run, out, size, aged=aged)
        store = run.store(running.CUSTOMERS)
        commands = Commands(run, out, Updates(ids))
        rounds = Rounds(run.services[running.CUSTOMERS], StoreLimit(store, ids, renamed).measure, commands.rate)
        await rounds.warm_up(plan.commands)
        yield commands, rounds
        store.close()


async def measure(plan: Plan, report: Report) -> None:
    naive = []
    async with commands_of(plan, "commands", plan.customers, aged=True) as (commands, rounds):
        async with NaiveHandler(commands.run, commands.sender, commands.updates) as handler:
            await handler.rate(20)
            for _ in range(plan.rounds):
                await rounds.add(plan.commands)
                naive.append(await handler.rate(max(1, plan.commands // _NAIVE_SHARE)))
        report.memory(rounds.service)
    report.share("commands to published events, of the store's limit", rounds.rates, rounds.limits, SHARE)
    report.share("  the same by a plain FastStream handler, one at a time", naive, rounds.limits)
    report.cpu("  CPU of customer-svc for 1,000 commands and their timeline", rounds.cpu_s)
    report.cpu("  CPU of the whole machine for them", rounds.machine_s)
    report.noisy("limit of customers", rounds.limits)
    report.noisy("commands", rounds.rates)
