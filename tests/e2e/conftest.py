"""One whole system for the end-to-end tests, as `rebilling up` starts it, with two instances of each service."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from tests.component.partner import Addresses, Partner
from tests.e2e.running import read, token, until, up

NewPartner = Callable[[], Awaitable[Partner]]


@dataclass(frozen=True)
class System:
    """`endpoints` is what stands in the file."""

    file: Path
    endpoints: dict[str, Any]

    def addresses(self) -> Addresses:
        invoicing = tuple(each["url"] for each in self.endpoints["instances"]["invoice-svc"])
        return Addresses(self.endpoints["customer_svc"], invoicing, self.endpoints["mail"])


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with up(tmp_path_factory.mktemp("system") / "data", "--empty", "--instances", "2") as (process, file):
        until("the endpoints file", lambda: read(file) or process.poll() is not None)
        yield System(file, read(file))
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
