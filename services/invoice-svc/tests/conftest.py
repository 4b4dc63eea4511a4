"""invoice-svc over a store in memory: its subscription table, its engine and what it said, without a broker."""

import json
from collections import Counter as Tallies
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI

from invoice_svc.aggregates import COUNTER, INVOICE, SETTINGS
from invoice_svc.api import router
from invoice_svc.domain.counter import Counter
from invoice_svc.domain.invoice import Invoice
from invoice_svc.domain.settings import Settings
from invoice_svc.subscriptions import SUBSCRIPTIONS
from invoice_svc.workers.mailer import PdfFailed, Seller
from shared.contracts import customers, invoice_shapes, invoices
from shared.contracts.base import Message
from shared.contracts.topics import CUSTOMERS, INVOICES, INVOICES_COMMANDS, Topic
from shared.engine.change import Change, Meta, Position
from shared.engine.decision import Decision
from shared.engine.engine import Engine
from shared.engine.jobs import Jobs
from shared.engine.parking import Parking
from shared.engine.relay import Relay
from shared.engine.task import Task
from shared.store.memory import MemoryStore
from tests.clock import Clock
from tests.in_memory import Topics, an_app, answer_of

PARTNER = "harbour-it"
SOURCE = "/invoice-svc"


@dataclass
class Service:
    """Messages go in as batches; `said` are the names and data that came out."""

    store: MemoryStore = field(default_factory=MemoryStore)
    topics: Topics = field(default_factory=Topics)
    offsets: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    owner: str = "test"

    def __post_init__(self) -> None:
        self.relay = Relay(self.topics, SOURCE, Parking(self.store))
        self.jobs = Jobs(self.store, self.owner)
        self.engine = Engine(self.store, self.relay, self.jobs)
        self.table = {each.topic.name: each for each in SUBSCRIPTIONS}

    def task(self, topic: Topic, message: Message, id: str, partner: str) -> Task:
        subscription = self.table[topic.name]
        at = Position(f"test/{topic.name}", 0, self.offsets[topic.name])
        self.offsets[topic.name] += 1
        meta = Meta(partner, "/test", id, message.ce_type(), self.now, "service:test", "corr", position=at)
        changes = list(subscription.handlers[type(message)](message, meta))
        return Task(meta, changes, answer=answer_of(subscription, message, meta))

    async def handle(self, *tasks: Task) -> None:
        await self.relay.publish(await self.engine.apply(tasks, lambda: True))

    async def command(self, message: Message, id: str | None = None, partner: str = PARTNER) -> None:
        await self.handle(self.task(INVOICES_COMMANDS, message, id or str(uuid4()), partner))

    async def hear(self, event: customers.CustomerEvent) -> None:
        await self.handle(self.task(CUSTOMERS, event, str(uuid4()), event.customer.partner_id))

    async def settle(self, settings: Settings) -> None:
        change: Change[Settings, object] = Change(SETTINGS, settings.partner_id, lambda _, __: Decision(settings))
        meta = Meta(settings.partner_id, "/test", str(uuid4()), "put", self.now, "user:test", "corr")
        await self.engine.execute([change], meta)

    def said(self, topic: Topic = INVOICES) -> list[tuple[str, dict[str, Any]]]:
        found = []
        for record in self.topics.records:
            if record.topic == topic.name:
                ce_type = dict(record.headers)["ce_type"].decode()
                found.append((ce_type.split(".")[1], json.loads(record.value or b"")))
        return found

    def names(self, topic: Topic = INVOICES) -> list[str]:
        return [name for name, _ in self.said(topic)]

    async def invoice(self, invoice_id: str) -> Invoice:
        found = await self.engine.read(INVOICE, invoice_id)
        assert found is not None
        return found

    async def counter(self, partner_id: str = PARTNER) -> Counter:
        found = await self.engine.read(COUNTER, partner_id)
        assert found is not None
        return found

    async def open_work(self) -> dict[str, int]:
        return dict(Tallies(doc["job"] for doc in await self.store.find("open_work", {})))


@pytest.fixture
def new_service(agrees: Callable[[Any, Any], None]) -> Iterator[Callable[[MemoryStore], Service]]:
    """`new_service(store)`: one more process on the same broker. Whatever is said has to agree with the document."""
    topics, owners = Topics(), count(1)
    yield lambda store: Service(store=store, topics=topics, owner=f"instance {next(owners)}")
    for record in topics.records:
        agrees(record.headers, record.value)


@pytest.fixture
def service(new_service: Callable[[MemoryStore], Service]) -> Service:
    return new_service(MemoryStore())


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in ("invoice_svc.workers.deliver", "shared.engine.entries", "shared.engine.worker"):
        monkeypatch.setattr(f"{module}.datetime", clock)
    engine, own = (
        ("shared.engine.jobs", "shared.engine.handing"),
        ("invoice_svc.workers.held", "invoice_svc.workers.release"),
    )
    for module in engine + own:
        monkeypatch.setattr(f"{module}.now_ms", clock.ms)
    return clock


@dataclass(frozen=True)
class ACustomer:
    """A customer of the tests, told as customer-svc tells it."""

    customer_id: str = field(default_factory=lambda: str(uuid4()))
    partner_id: str = PARTNER

    def told(self, version: int = 1, **fields: Any) -> customers.CustomerEvent:
        shape = customers.Customer.model_validate(
            {
                "customer_id": self.customer_id,
                "partner_id": self.partner_id,
                "version": version,
                "status": "active",
                "company_name": "Riverside Dental",
                "created_at": "2026-07-01T00:00:00Z",
                "updated_at": "2026-07-01T00:00:00Z",
            }
            | fields
        )
        return customers.CustomerUpdated(customer=shape, changed=(), source="command")

    def billed(self, **fields: Any) -> invoices.CreateInvoice:
        lines = [{"description": "Internet", "quantity": "1", "unit_price": "100.00", "tax_rate": "0.1"}]
        data = {"partner_id": PARTNER, "customer_id": self.customer_id, "currency": "AUD", "lines": lines}
        return invoices.CreateInvoice.model_validate(data | {"invoice_id": str(uuid4())} | fields)

    def asked(self, command: type[invoices.InvoiceCommand], of: invoices.CreateInvoice, **fields: Any) -> Message:
        ids = {"partner_id": PARTNER, "customer_id": self.customer_id, "invoice_id": of.invoice_id}
        return command.model_validate(ids | fields)


@pytest.fixture
def a_customer() -> type[ACustomer]:
    return ACustomer


@pytest.fixture
def customer() -> ACustomer:
    return ACustomer()


class Press:
    """Makes PDFs that name what they are of; one that is broken makes none."""

    broken = False

    async def render(self, invoice: invoice_shapes.Invoice, seller: Seller) -> bytes:
        if self.broken:
            raise PdfFailed("the PDF took longer than 10 s")
        return f"%PDF {invoice.number} {seller.name}".encode()


@pytest.fixture
def press() -> Press:
    return Press()


@pytest.fixture
def app(service: Service, press: Press, tmp_path: Path) -> FastAPI:
    routes = router(service.engine, press, Seller("Billing", "billing@rebilling.example"))
    return an_app("invoice-svc", routes, tmp_path, partner=PARTNER)
