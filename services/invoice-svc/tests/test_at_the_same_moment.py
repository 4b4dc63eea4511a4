"""Several processes, their workers, customers that change and people who ask, all at once over one store: what is left
when everything rests is one number per invoice, one mail per wish, and nothing that is stuck."""

import asyncio
import json
import random
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import pytest

from invoice_svc.aggregates import ACCOUNT, INVOICE
from invoice_svc.domain.account import Reason, blocks
from invoice_svc.domain.attempts import MOST_ATTEMPTS
from invoice_svc.domain.invoice import Document, Sending
from invoice_svc.domain.settings import Settings
from invoice_svc.settings import InvoiceSettings
from invoice_svc.workers.deliver import Delivery
from invoice_svc.workers.held import HeldSweep
from invoice_svc.workers.mailer import Accepted, Letter, NotMarked, Outcome, Seller, TransientFailure
from invoice_svc.workers.table import workers
from shared.contracts import invoices
from shared.contracts.invoices import InvoiceSent
from shared.engine.document import state_of
from shared.engine.ports import Record
from tests.slow_store import SlowStore

PARTNER = "harbour-it"
STEPS = (
    invoices.FinalizeInvoice,
    invoices.SendInvoice,
    invoices.SendInvoice,
    invoices.CancelDelivery,
    invoices.HoldInvoice,
    invoices.ReleaseInvoice,
    invoices.DiscardInvoice,
    invoices.VoidInvoice,
    invoices.RecordPayment,
)
RESTS = (20,) * 60 + (3600,) * MOST_ATTEMPTS
"""Seconds: past the leases, and past every pause of a mail that was refused again and again."""


class Post:
    """Takes most mails, and some only later."""

    def __init__(self, chance: random.Random) -> None:
        self._chance, self.taken_ids = chance, Counter[str]()

    async def deliver(self, letter: Letter, *, mark: Callable[[], Awaitable[bool]]) -> Outcome:
        if not await mark():
            return NotMarked()
        if self._chance.random() < 0.2:
            return TransientFailure("MAIL_REFUSED", "451")
        self.taken_ids[letter.message_id] += 1
        return Accepted((*letter.to, *letter.cc))

    async def taken(self, message_id: str) -> bool | None:
        return message_id in self.taken_ids


class Instance:
    """One process: the service and its workers, which find their work or, `straight`, are given it by the saves."""

    def __init__(self, service: Any, post: Post, *, straight: bool) -> None:
        self.service = service
        delivery = Delivery(service.engine, post, post, seller=Seller("H", "b@harbour.example"), lease_s=30.0)
        self.workers = workers(service.engine, delivery, InvoiceSettings(), lease_s=30.0)
        self.held = HeldSweep(service.engine)
        for worker in self.workers if straight else ():
            worker.serve()

    async def work(self) -> None:
        for worker in self.workers:
            await worker.drain()
        await self.held.step()


@pytest.mark.parametrize("seed", range(40))
async def test_whatever_comes_at_once_ends_well(new_service: Any, clock: Any, a_customer: Any, seed: int) -> None:
    chance = random.Random(seed)
    store, post = SlowStore(chance), Post(chance)
    instances = [Instance(new_service(store), post, straight=seed % 2 == 0 or number == 0) for number in range(3)]
    known, other = a_customer(), a_customer()
    orders = [
        chance.choice((known, other)).billed(
            send=chance.random() < 0.6, customer_version=chance.choice((None, None, 2, 4))
        )
        for _ in range(8)
    ]
    of = {order.customer_id: (known if order.customer_id == known.customer_id else other) for order in orders}
    done = asyncio.Event()

    async def customers_change() -> None:
        for version in range(1, 7):
            for customer in (known, other):
                email = f"v{version}@riverside.example" if version == 6 or chance.random() < 0.5 else None
                status = "active" if version == 6 or chance.random() < 0.7 else "disabled"
                event = customer.told(version, email=email, status=status)
                for instance in chance.sample(instances, chance.choice((1, 2))):
                    await instance.service.hear(event)
                await asyncio.sleep(0)

    async def people_ask(instance: Instance, number: int) -> None:
        for order in chance.sample(orders, len(orders)):
            await instance.service.command(order, f"order {order.invoice_id}")
        for step in range(12):
            order = chance.choice(orders)
            command = chance.choice(STEPS)
            more = {"amount": "55.00", "paid_on": "2026-07-20"} if command is invoices.RecordPayment else {}
            message = of[order.customer_id].asked(command, order, **more)
            for _ in range(chance.choice((1, 2))):
                await instance.service.command(message, f"{number} {step}")
            if step == 6:
                prefix = chance.choice(("INV-", "NW-"))
                await instance.service.settle(Settings(PARTNER, number_prefix=prefix))

    async def work(instance: Instance) -> None:
        while not done.is_set():
            await instance.work()
            clock.pass_(seconds=chance.random() * 5)
            await asyncio.sleep(0)

    working = [asyncio.ensure_future(work(instance)) for instance in instances]
    asked = (people_ask(instance, number) for number, instance in enumerate(instances))
    await asyncio.gather(customers_change(), *asked)
    done.set()
    await asyncio.gather(*working)
    for seconds in RESTS:
        clock.pass_(seconds=seconds)
        for instance in instances:
            await instance.work()

    await _well_ended(store, post, instances)


async def _well_ended(store: SlowStore, post: Post, instances: list[Instance]) -> None:
    docs = await store.find("invoices", {})
    found = [state_of(INVOICE, doc) for doc in docs]
    accounts = {doc["_id"]: state_of(ACCOUNT, doc) for doc in await store.find("accounts", {})}

    numbers = sorted(int(invoice.number.rpartition("-")[2]) for invoice in found if invoice.number)
    assert numbers == list(range(1, len(numbers) + 1))
    assert [doc["state"]["drawn"] for doc in await store.find("counters", {})] in ([], [[]])
    for invoice in found:
        assert (invoice.number is not None) == (invoice.document in (Document.FINALIZED, Document.VOIDED))
        assert not invoice.waiting
        state, reasons = invoice.delivery.state, invoice.delivery.reasons
        assert state not in (Sending.QUEUED, Sending.SENDING, Sending.UNCERTAIN)
        if state is Sending.HELD:
            assert reasons == (*blocks(accounts[invoice.customer_id]), Reason.MANUAL_HOLD), invoice
        assert invoice.balance >= 0
    assert all(count == 1 for count in post.taken_ids.values())
    sent = {invoice.delivery.message_id for invoice in found if invoice.delivery.state is Sending.SENT}
    assert sent == set(post.taken_ids), "whoever has a mail has an invoice that says so"

    jobs = {(entry["job"], entry["target"]) for entry in await store.find("open_work", {})}
    assert {job for job, _ in jobs} <= {"held", "overdue"}, jobs
    assert {target for job, target in jobs if job == "held"} == {
        invoice.invoice_id for invoice in found if invoice.delivery.state is Sending.HELD
    }
    _told_in_order(instances[0].service.topics.records)


def _told_in_order(records: Iterable[Record]) -> None:
    """What is said again is said as before, and what is new is never older than what was said of its invoice."""
    contents: dict[str, bytes | None] = {}
    newest: defaultdict[str, int] = defaultdict(int)
    sent = Counter[tuple[str, str]]()
    for record in records:
        headers = {name: value.decode() for name, value in record.headers}
        if headers["ce_id"] in contents:
            assert contents[headers["ce_id"]] == record.value
            continue
        contents[headers["ce_id"]] = record.value
        told = json.loads(record.value or b"")
        if "invoice" in told:
            assert told["invoice"]["version"] >= newest[headers["ce_subject"]]
            newest[headers["ce_subject"]] = told["invoice"]["version"]
        if headers["ce_type"] == InvoiceSent.ce_type():
            sent[headers["ce_subject"], told["message_id"]] += 1
    assert all(count == 1 for count in sent.values())
