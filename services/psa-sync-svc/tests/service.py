"""psa-sync-svc over a store and a PSA in memory: its subscription table, its workers and what it said."""

import asyncio
import json
from collections import Counter as Tallies
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from psa_sync_svc.adapters.base_url import AddressSettings
from psa_sync_svc.adapters.connectwise.settings import ConnectwiseSettings
from psa_sync_svc.adapters.vault import KeyVault
from psa_sync_svc.adapters.webhooks.settings import WebhookSettings
from psa_sync_svc.adapters.webhooks.table import hooks
from psa_sync_svc.aggregates import IMPORT, INTEGRATION, MIRROR, WATCH, import_id, watch_id
from psa_sync_svc.domain.account import Address, PsaAccount
from psa_sync_svc.domain.importing import Import
from psa_sync_svc.domain.integration import Edit, Integration, Sealed
from psa_sync_svc.domain.mirror import Mirror
from psa_sync_svc.domain.provider import Provider
from psa_sync_svc.domain.watch import Watch
from psa_sync_svc.handlers import change_integration
from psa_sync_svc.settings import PsaSettings
from psa_sync_svc.subscriptions import subscriptions
from psa_sync_svc.workers.asking import Asking
from psa_sync_svc.workers.circuits import Circuits
from psa_sync_svc.workers.deliveries import Deliveries
from psa_sync_svc.workers.hearing import Hearing
from psa_sync_svc.workers.table import pauses, poll_pace, workers
from psa_sync_svc.workers.vault import Owner
from shared.contracts.base import Message
from shared.contracts.psa import ImportCustomer
from shared.contracts.topics import ANSWERS, PSA, PSA_COMMANDS, Topic
from shared.engine.change import Meta, Position
from shared.engine.decision import Refused
from shared.engine.engine import Engine
from shared.engine.jobs import Jobs
from shared.engine.parking import Parking
from shared.engine.relay import Relay
from shared.engine.task import Task
from shared.store.memory import MemoryStore
from tests.clock import Clock
from tests.in_memory import Topics, answer_of

from .fake_psa import SECRETS, FakePsa, KeyServer

PARTNER = "harbour-it"


SOURCE = "/psa-sync-svc"


KEY = "A" * 43 + "="


@dataclass
class Service:
    """Messages go in as batches; `said` are the names and data that came out. `on_this_machine`: so are the PSAs."""

    clock: Clock
    store: MemoryStore = field(default_factory=MemoryStore)
    topics: Topics = field(default_factory=Topics)
    psa: FakePsa = field(default_factory=FakePsa)
    keys: KeyServer = field(default_factory=KeyServer)
    on_this_machine: bool = False
    offsets: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        self.settings = PsaSettings(encryption_key=KEY, fetch_tries=3, interactive_limit_s=0.5)
        self.vault = KeyVault(*self.settings.keys)
        self.relay = Relay(self.topics, SOURCE, Parking(self.store))
        self.engine = Engine(self.store, self.relay, Jobs(self.store, str(uuid4())))
        self.circuits = Circuits(self.engine, pauses(self.settings))
        self.asking = Asking(self.psa, self.vault, self.circuits, limit_s=self.settings.call_limit_s)
        addresses = AddressSettings(allow_private_addresses=self.on_this_machine)
        connect = httpx.AsyncHTTPTransport if self.on_this_machine else self.keys.transport
        resolve = self.keys.resolve
        proofs = hooks(WebhookSettings(), ConnectwiseSettings(), addresses, connect=connect, resolve=resolve)
        self.deliveries = Deliveries(self.store, timedelta(days=2))
        self.hearing = Hearing(self.engine, self.vault, proofs, self.deliveries, poll_pace(self.settings))
        self.workers = {each.job: each for each in workers(self.engine, self.asking, self.settings)}
        self.table = {each.topic.name: each for each in subscriptions(self.settings.default_region)}

    def task(self, topic: Topic, message: Message, id: str, partner: str = PARTNER, source: str = "/test") -> Task:
        subscription = self.table[topic.name]
        at = Position(f"test/{topic.name}", 0, self.offsets[topic.name])
        self.offsets[topic.name] += 1
        meta = Meta(partner, source, id, message.ce_type(), datetime.now(UTC), "service:test", "corr", position=at)
        answer = answer_of(subscription, message, meta)
        try:
            changes = list(subscription.handlers[type(message)](message, meta))
        except Refused as refused:
            return Task(meta, (), answer, refused)
        return Task(meta, changes, answer)

    async def handle(self, *tasks: Task) -> None:
        await self.relay.publish(await self.engine.apply(tasks, lambda: True))

    async def command(self, message: Message, id: str | None = None, partner: str = PARTNER) -> None:
        await self.handle(self.task(PSA_COMMANDS, message, id or str(uuid4()), partner))

    async def hear(self, topic: Topic, message: Message, source: str = "/customer-svc") -> None:
        await self.handle(self.task(topic, message, str(uuid4()), message.tenant, source))

    async def work(self) -> None:
        """All that is due, and what it makes due."""
        for worker in self.workers.values():
            await worker.drain()
        await self.all_said()

    async def turns(self) -> None:
        """Everything that can go on goes on."""
        for _ in range(100):
            await asyncio.sleep(0)

    async def all_said(self) -> None:
        """A worker's step ends before its facts are published."""
        await asyncio.gather(*self.relay._background)

    def said(self, topic: Topic) -> list[tuple[str, dict[str, Any]]]:
        found = []
        for record in self.topics.records:
            if record.topic == topic.name:
                ce_type = dict(record.headers)["ce_type"].decode()
                found.append((ce_type.split(".")[1], json.loads(record.value or b"")))
        return found

    def answers(self) -> list[dict[str, Any]]:
        return [data for name, data in self.said(PSA) if name == "ImportAnswered"]

    def refusals(self) -> list[dict[str, Any]]:
        return [data for name, data in self.said(ANSWERS) if name == "ImportRefused"]

    async def integrated(
        self,
        partner_id: str = PARTNER,
        provider: Provider = Provider.AUTOTASK,
        base_url: str | None = "https://psa.example",
        **credentials: str,
    ) -> Integration:
        """An integration, as the portal makes it; its account list is due."""
        id = str(uuid4())
        sealed = self.vault.seal(Owner(partner_id, id), SECRETS | credentials)
        wanted = Integration(id, partner_id, provider, "A PSA", base_url, sealed)
        meta = Meta(partner_id, "/test", id, "POST", datetime.now(UTC), "user:ann", "corr")
        await self.engine.execute(change_integration.create(wanted), meta)
        return await self.integration(id)

    def sealed(self, integration: Integration) -> Sealed:
        return self.vault.seal(Owner(integration.partner_id, integration.integration_id), SECRETS)

    def importing(self, integration: Integration | str, account_id: str = "4711", **more: Any) -> ImportCustomer:
        id = integration if isinstance(integration, str) else integration.integration_id
        given = {"partner_id": PARTNER, "integration_id": id, "account_id": account_id}
        return ImportCustomer.model_validate(given | more)

    def has(self, account_id: str = "4711", name: str = "Wattle & Tide", **more: Any) -> PsaAccount:
        """The PSA has this account."""
        address = Address("14 Wharf Street", None, "Fremantle", "WA", "6160", "AU")
        account = PsaAccount(account_id, name, "(08) 9555 0142", address, f"AT-{account_id}", **more)
        self.psa.accounts_there[account_id] = account
        return account

    async def reconnected(self, integration: Integration, base_url: str = "https://another.example") -> None:
        """A person gives another address, and the credentials again."""
        change: Edit = {"base_url": base_url, "credentials": self.sealed(integration)}
        changes = change_integration.edit(integration.integration_id, change, expected_version=None)
        id = str(uuid4())
        await self.engine.execute(
            changes, Meta(integration.partner_id, "/test", id, "PATCH", datetime.now(UTC), "user:ann", "corr")
        )

    async def removed(self, integration: Integration) -> None:
        changes = change_integration.delete(integration.integration_id, links=0, expected_version=None)
        id = str(uuid4())
        await self.engine.execute(
            changes, Meta(integration.partner_id, "/test", id, "DELETE", datetime.now(UTC), "user:ann", "corr")
        )

    async def integration(self, id: str) -> Integration:
        found = await self.engine.read(INTEGRATION, id)
        assert found is not None
        return found

    async def import_(self, request_id: str, partner_id: str = PARTNER) -> Import:
        found = await self.engine.read(IMPORT, import_id(partner_id, request_id))
        assert found is not None
        return found

    async def watch(self, integration: Integration) -> Watch:
        found = await self.engine.read(WATCH, watch_id(integration.partner_id, integration.integration_id))
        assert found is not None
        return found

    async def mirror(self, id: str) -> Mirror:
        found = await self.engine.read(MIRROR, id)
        assert found is not None
        return found

    async def open_work(self) -> dict[str, int]:
        return dict(Tallies(doc["job"] for doc in await self.store.find("open_work", {})))
