"""The parts of an embedded system that a measurement needs, each a process of its own as `rebilling up` starts it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from embedded.datadir import DataDir
from embedded.part import Part
from ops.identity import Identity, identity_in
from ops.system import system_of
from shared.kafka.admin import create_topics
from shared.kafka.cluster import Cluster
from shared.store.mongo import MongoStore
from tests.bench.machine import Watched

CUSTOMERS: Final = "customer-svc"
INVOICES: Final = "invoice-svc"
PSA: Final = "psa-sync-svc"
_FOUNDATIONS: Final = ("kafka", "store", "mail")
_SIMULATOR: Final = "autotask"


@dataclass
class Running:
    """Where the parts are, and the services being watched. `simulator`: a simulated Autotask, where one was wanted.

    `parts`: the instances of each service, of which only the first was started.
    """

    kafka: str
    mongodb: str
    prefix: str
    data: DataDir
    services: dict[str, Watched]
    simulator: str
    identity: Identity
    parts: Mapping[str, Sequence[Part]] = field(default_factory=dict)

    def database(self, service: str) -> str:
        return f"{self.prefix}{service.replace('-', '_')}"

    def store(self, service: str) -> MongoStore:
        """The database that a service owns."""
        return MongoStore(self.mongodb, self.database(service), time_limit=60.0)

    async def rest(self) -> None:
        for service in self.services.values():
            await service.rest()


@asynccontextmanager
async def running(
    home: Path, *names: str, given: Mapping[str, str], accounts: int = 0, instances: int = 1
) -> AsyncIterator[Running]:
    """Broker, store, mail sink and these services, on free ports over this directory, until the block ends; and a
    simulated PSA where it is to have `accounts`.

    `given` are settings as `rebilling up` takes them: a broker or a store that is named there is used.
    """
    prefix = f"{home.name}_"
    data = DataDir(home)
    identity = identity_in(data.path)
    system = system_of(data, identity, given, instances=instances, say=lambda _: None)
    parts: list[Part] = []
    watching: list[asyncio.Task[None]] = []
    try:
        _start([part for part in system.foundations if part.name in _FOUNDATIONS], parts)
        _start([_with(accounts, part) for part in system.foundations if accounts and part.name == _SIMULATOR], parts)
        await create_topics(Cluster(system.kafka))
        services = [system.services[name][0] for name in names]
        further = [part for name in names for part in system.services[name][1:]]
        for part in (*services, *further):
            part.env = {**given, **part.env, "REBILLING_MONGODB__DATABASE_PREFIX": prefix}
        _start(services, parts)
        watched = {name: Watched(part) for name, part in zip(names, services, strict=True)}
        watching = [asyncio.create_task(each.watch()) for each in watched.values()]
        simulator = system.simulators[_SIMULATOR]
        parts += further
        yield Running(system.kafka, system.mongodb, prefix, data, watched, simulator, identity, system.services)
    finally:
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
        for part in reversed(parts):
            part.stop()
        data.release()


def _with(accounts: int, simulator: Part) -> Part:
    simulator.command = [*simulator.command, "--accounts", str(accounts)]
    return simulator


def _start(wanted: list[Part], started: list[Part]) -> None:
    for part in wanted:
        started.append(part)
        part.launch()
    for part in wanted:
        part.await_ready()
