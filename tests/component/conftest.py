"""What tests of services as processes share: the topics, and a producer like anybody's."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaProducer

from embedded.stack import Stack
from tests.component.records import topics_that_lead


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
