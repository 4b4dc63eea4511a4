"""From the UpdateCustomer that sets an e-mail to InvoiceReleased, through both services, in bare round trips."""

import time
import uuid
from typing import Final

from shared.contracts.topics import ANSWERS, CUSTOMERS_COMMANDS, INVOICES
from tests.bench import customers, invoices, running
from tests.bench.latency import alternating, warm_up
from tests.bench.limits import RoundTrip
from tests.bench.plan import Plan
from tests.bench.records import Listener, Sender, listener, sender
from tests.bench.report import Report
from tests.bench.throughput import Commands

TRIPS: Final = 12.0
_WARM: Final = 300


async def measure(plan: Plan, report: Report) -> None:
    async with plan.running("release", running.CUSTOMERS, running.INVOICES) as run, sender(run.kafka) as out:
        ids = await customers.make(run, out, plan.releases + _WARM, email=None, cc=[])
        await invoices.make(run.kafka, out, ids, send=True, said=b"InvoiceSendBlocked")
        await warm_up(Commands(run, out, customers.Updates(ids)), plan)
        async with listener(run.kafka, ANSWERS) as answers, listener(run.kafka, INVOICES) as said:
            trip, released = RoundTrip(out, answers).measure, OneRelease(out, said, ids).measure
            await alternating(trip, released, _WARM)
            trips, releases = await alternating(trip, released, plan.releases)
        await run.rest()
        for service in run.services.values():
            report.memory(service)
    report.trips("UpdateCustomer with an e-mail to InvoiceReleased: p50", releases, trips, TRIPS)


class OneRelease:
    """Each time another customer's held invoice; its mail has gone out before the next."""

    def __init__(self, sender: Sender, said: Listener, ids: list[str]) -> None:
        self._sender, self._said, self._ids = sender, said, list(ids)

    async def measure(self) -> float:
        id = self._ids.pop()
        command = customers.update(id, {"email": f"{uuid.uuid4().hex[:8]}@wattle-tide.example"})
        began = time.perf_counter()
        await self._sender.send_one(CUSTOMERS_COMMANDS, command)
        await self._said.until(id.encode(), b"InvoiceReleased")
        spent = time.perf_counter() - began
        await self._said.until(id.encode(), b"InvoiceSent")
        return spent
