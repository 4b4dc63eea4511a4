"""One whole system for the end-to-end tests, with two instances of each service: as `rebilling up` starts it, or by
`make e2e` in containers."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from tests.component.partner import Addresses, Partner
from tests.e2e.composing import SERVICE_PORT, in_containers, running
from tests.e2e.containers import Containers
from tests.e2e.running import read, token, until_up, up

collect_ignore = [] if in_containers() else ["test_containers.py"]
"""`make e2e` runs it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Containers are looked at last, when their logs have the whole story."""
    items.sort(key=lambda item: item.path.name == "test_containers.py")


NewPartner = Callable[[], Awaitable[Partner]]


@dataclass(frozen=True)
class System:
    """`endpoints` is what stands in the file; `containers`: the parts, where it runs in such."""

    file: Path
    endpoints: dict[str, Any]
    containers: Containers | None = None

    def psa(self, provider: str) -> str:
        """Where the services find a simulated PSA."""
        simulators = self.endpoints.get("simulators_for_services") or self.endpoints["simulators"]
        return str(simulators[provider])

    def psa_sync_for_psas(self) -> str:
        """Where a simulated PSA finds psa-sync-svc."""
        return f"http://psa-sync-svc-1:{SERVICE_PORT}" if self.containers else str(self.endpoints["psa_sync_svc"])

    def addresses(self) -> Addresses:
        invoicing = tuple(each["url"] for each in self.endpoints["instances"]["invoice-svc"])
        return Addresses(self.endpoints["customer_svc"], invoicing, self.endpoints["mail"])


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    if in_containers():
        with running(tmp_path_factory.mktemp("containers")) as containers:
            yield System(containers.file, read(containers.file), containers)
        return
    with up(tmp_path_factory.mktemp("system") / "data", "--empty", "--instances", "2") as (process, file):
        yield System(file, until_up(process, file))
        process.terminate()
        process.communicate(timeout=60)


@pytest.fixture
async def producer(system: System) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=system.endpoints["kafka"], enable_idempotence=True)
    await producer.start()
    yield producer
    await producer.stop()


@pytest.fixture
async def new_partner(system: System, producer: AIOKafkaProducer) -> AsyncIterator[NewPartner]:
    """Makes a partner of the running system, with a token as `rebilling token` prints it."""
    async with AsyncExitStack() as left:

        async def make() -> Partner:
            id = f"partner-{uuid.uuid4()}"
            partner = Partner(id, token(id, system.file), system.addresses(), producer)
            return await left.enter_async_context(partner)

        yield make


@pytest.fixture
async def partner(new_partner: NewPartner) -> Partner:
    return await new_partner()
