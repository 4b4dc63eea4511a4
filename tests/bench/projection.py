"""Customer events projected into invoice-svc, beside many invoices, in rounds that alternate with the store's limit."""

import asyncio
import random
import time
import uuid
from typing import Final

from shared.contracts.topics import CUSTOMERS
from shared.store.mongo import MongoStore
from tests.bench import invoices, running
from tests.bench.customers import MADE, PARTNER
from tests.bench.limits import StoreLimit
from tests.bench.plan import Plan
from tests.bench.records import LIMIT_S, Message, Sender, example, message, sender
from tests.bench.report import Report
from tests.bench.rounds import Rounds

SHARE: Final = 0.7
_LOOK_S: Final = 0.01


class Events:
    """CustomerUpdated of one customer after the other, each a version further, as customer-svc says them."""

    def __init__(self, ids: list[str]) -> None:
        self._data = example("CustomerUpdated")
        self._data["customer"]["partner_id"] = PARTNER
        self.versions = dict.fromkeys(ids, 1)
        self._ids, self._random = ids, random.Random(3)

    def some(self, number: int) -> list[Message]:
        return [self.of(self._random.choice(self._ids)) for _ in range(number)]

    def of(self, id: str) -> Message:
        self.versions[id] += 1
        told = {"customer_id": id, "version": self.versions[id], "company_name": f"Wattle & Tide {self.versions[id]}"}
        return message("CustomerUpdated", id, {**self._data, "customer": {**self._data["customer"], **told}})


class Projection:
    """Events into the accounts of invoice-svc."""

    def __init__(self, sender: Sender, store: MongoStore, events: Events) -> None:
        self._sender, self._store, self.events = sender, store, events

    async def rate(self, number: int) -> float:
        """Per second, from sending them all to the last of each partition saved."""
        messages = self.events.some(number)
        ready, last = self._sender.ready(messages), self._sender.last_of_each_partition(messages)
        began = time.perf_counter()
        await self._sender.send(CUSTOMERS, ready)
        await self.known({id: self.events.versions[id] for id in last})
        return number / (time.perf_counter() - began)

    async def known(self, versions: dict[str, int]) -> None:
        """Returns when the accounts are as new as that."""
        async with asyncio.timeout(LIMIT_S):
            while not await self._are_known(versions):  # noqa: ASYNC110 - the store answers only when it is asked
                await asyncio.sleep(_LOOK_S)

    async def _are_known(self, versions: dict[str, int]) -> bool:
        docs = await self._store.get_many("accounts", list(versions))
        found = {doc["_id"]: doc["state"]["customer_version"] for doc in docs}
        return all(found.get(id, 0) >= version for id, version in versions.items())


async def measure(plan: Plan, report: Report) -> None:
    async with plan.running("projection", running.INVOICES) as run, sender(run.kafka) as out:
        store = run.store(running.INVOICES)
        ids = await _prepared(run, out, store, plan)
        rate = Projection(out, store, Events(ids)).rate
        rounds = Rounds(run.services[running.INVOICES], StoreLimit(store, ids).measure, rate)
        await rounds.warm_up(plan.commands)
        for _ in range(plan.rounds):
            await rounds.add(plan.commands)
        store.close()
        report.memory(rounds.service)
    what = f"customer events into invoice-svc, {plan.invoices:,} invoices there"
    report.share(what, rounds.rates, rounds.limits, SHARE)
    report.cpu("  CPU of invoice-svc for 1,000 events", rounds.cpu_s)
    report.cpu("  CPU of the whole machine for them", rounds.machine_s)
    report.noisy("limit of accounts", rounds.limits)


async def _prepared(run: running.Running, out: Sender, store: MongoStore, plan: Plan) -> list[str]:
    """A few accounts and invoices made by messages, and as many like them as are wanted; ids of the accounts."""
    made = [str(uuid.uuid4()) for _ in range(min(MADE, plan.customers))]
    events = Events(made)
    await out.send(CUSTOMERS, out.ready([events.of(id) for id in made]))
    await Projection(out, store, events).known(events.versions)
    await invoices.make(run.kafka, out, made, send=False, said=b"InvoiceFinalized")
    await run.rest()
    ids = await invoices.multiply_accounts(store, plan.customers)
    await invoices.multiply_invoices(store, plan.invoices, ids)
    return ids
