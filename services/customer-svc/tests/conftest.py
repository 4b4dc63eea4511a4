"""customer-svc over a store in memory: its subscription table, its engine and what it said, without a broker."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from customer_svc.aggregates import CLAIM, CUSTOMER, claim_id
from customer_svc.api import router
from customer_svc.domain.claim import Claim
from customer_svc.domain.customer import Account, Customer
from customer_svc.subscriptions import subscriptions
from shared.contracts.base import Message
from shared.contracts.topics import CUSTOMERS, CUSTOMERS_COMMANDS, PSA, Topic
from shared.engine.change import Meta, Position
from shared.engine.engine import Engine
from shared.engine.jobs import Jobs
from shared.engine.leases import Leases
from shared.engine.parking import Parking
from shared.engine.relay import Relay
from shared.engine.sweep import Sweep
from shared.engine.task import Task
from shared.store.memory import MemoryStore
from tests.in_memory import Topics, an_app, answer_of

PARTNER = "harbour-it"
SOURCE = "/customer-svc"


@dataclass
class Service:
    """Messages go in as batches; `said` are the names and data that came out."""

    store: MemoryStore = field(default_factory=MemoryStore)
    topics: Topics = field(default_factory=Topics)
    offsets: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        self.relay = Relay(self.topics, SOURCE, Parking(self.store))
        self.engine = Engine(self.store, self.relay, Jobs(self.store, "test"))
        self.table = {each.topic.name: each for each in subscriptions("AU")}

    def task(self, topic: Topic, message: Message, id: str, partner: str = PARTNER, actor: str = "") -> Task:
        subscription = self.table[topic.name]
        at = Position(f"test/{topic.name}", 0, self.offsets[topic.name])
        self.offsets[topic.name] += 1
        meta = Meta(
            partner, "/test", id, message.ce_type(), datetime.now(UTC), actor or "service:test", "corr", position=at
        )
        changes = list(subscription.handlers[type(message)](message, meta))
        return Task(meta, changes, answer=answer_of(subscription, message, meta))

    async def handle(self, *tasks: Task) -> None:
        await self.relay.publish(await self.engine.apply(tasks, lambda: True))

    async def command(self, message: Message, id: str | None = None, partner: str = PARTNER) -> None:
        await self.handle(self.task(CUSTOMERS_COMMANDS, message, id or str(uuid4()), partner))

    async def answer(self, message: Message, id: str | None = None) -> None:
        await self.handle(self.task(PSA, message, id or str(uuid4())))

    async def say_what_is_left(self) -> None:
        """What the outbox sweep does for a process that died."""
        sweep = Sweep(self.store, self.relay, Leases(self.store), ["customers"])
        await sweep.say_abandoned()

    async def all_said(self) -> None:
        """A request is answered before its facts are published."""
        await asyncio.gather(*self.relay._background)

    async def hear_itself(self) -> None:
        """The timeline's subscription takes what was said."""
        await self.all_said()
        subscription = self.table[CUSTOMERS.name]
        for record in [each for each in self.topics.records if each.topic == CUSTOMERS.name]:
            told = {name: value.decode() for name, value in record.headers}
            class_ = CUSTOMERS.message_class(told["ce_type"])
            assert class_ is not None
            message = class_.model_validate_json(record.value or b"")
            meta = Meta(
                told["ce_partnerid"],
                told["ce_source"],
                told["ce_id"],
                told["ce_type"],
                datetime.now(UTC),
                told["ce_actor"],
                told["ce_correlationid"],
            )
            await self.handle(Task(meta, list(subscription.handlers[class_](message, meta))))

    def said(self, topic: Topic = CUSTOMERS) -> list[tuple[str, dict[str, Any]]]:
        found = []
        for record in self.topics.records:
            if record.topic == topic.name:
                ce_type = dict(record.headers)["ce_type"].decode()
                found.append((ce_type.split(".")[1], json.loads(record.value or b"")))
        return found

    def names(self, topic: Topic = CUSTOMERS) -> list[str]:
        return [name for name, _ in self.said(topic)]

    async def customer(self, customer_id: str) -> Customer:
        found = await self.engine.read(CUSTOMER, customer_id)
        assert found is not None
        return found

    async def claim(self, account: Account) -> Claim:
        found = await self.engine.read(CLAIM, claim_id(PARTNER, account))
        assert found is not None
        return found


@pytest.fixture
def new_service(agrees: Callable[[Any, Any], None]) -> Iterator[Callable[[MemoryStore], Service]]:
    """`new_service(store)`: one more process. Whatever it says has to agree with the published document."""
    services: list[Service] = []

    def one_more(store: MemoryStore) -> Service:
        services.append(Service(store=store))
        return services[-1]

    yield one_more
    for record in (record for service in services for record in service.topics.records):
        agrees(record.headers, record.value)


@pytest.fixture
def service(new_service: Callable[[MemoryStore], Service]) -> Service:
    return new_service(MemoryStore())


@pytest.fixture
def app(service: Service, tmp_path: Path) -> FastAPI:
    routes = router(service.engine, "AU")
    return an_app("customer-svc", routes, tmp_path, partner=PARTNER)


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://customers") as client:
        yield client
