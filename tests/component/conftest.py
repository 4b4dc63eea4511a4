"""What tests of services as processes share: the topics, a producer like anybody's, and a partner at its office."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from embedded.stack import Stack
from shared.contracts.topics import ANSWERS, INVOICES
from tests.component.office import Office
from tests.component.partner import Partner
from tests.component.process import ready
from tests.component.psa_desk import Desk, Heard, Importer
from tests.component.records import Reader, topics_that_lead


@pytest.fixture(scope="session")
def servers(stack: Stack) -> str:
    """The session's broker, with its topics."""
    asyncio.run(topics_that_lead(stack.bootstrap_servers))
    return stack.bootstrap_servers


@pytest.fixture
async def producer(servers: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=servers, enable_idempotence=True)
    await producer.start()
    yield producer
    await producer.stop()


@pytest.fixture
async def partner(office: Office, producer: AIOKafkaProducer) -> AsyncIterator[Partner]:
    """A new one for each test, at the office that the test's module has."""
    await ready(*office.parts)
    async with office.partner(producer) as partner:
        yield partner


@pytest.fixture
async def said(servers: str, agrees: Callable[[Any, Any], None]) -> AsyncIterator[Reader]:
    """What invoice-svc says of invoices; all of it has to agree with its document."""
    async with Reader(servers, INVOICES.name) as said:
        yield said
    for record in said.records:
        agrees(record.headers, record.value)


@pytest.fixture
async def answers(servers: str) -> AsyncIterator[Reader]:
    async with Reader(servers, ANSWERS.name) as answers:
        yield answers


@pytest.fixture
async def heard(servers: str, agrees: Callable[[Any, Any], None]) -> AsyncIterator[Heard]:
    """What is said of imports; all of it has to agree with the documents."""
    heard = Heard(servers)
    async with heard.customers, heard.answers, heard.psa:
        yield heard
    for record in (record for reader in heard.readers for record in reader.records):
        agrees(record.headers, record.value)


@pytest.fixture
async def importer(desk: Desk, producer: AIOKafkaProducer) -> AsyncIterator[Importer]:
    """A new one for each test, at the desk that the test's module has."""
    await ready(*desk.parts)
    async with Importer(desk, producer, f"partner-{uuid.uuid4()}") as importer:
        yield importer
