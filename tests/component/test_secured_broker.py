"""customer-svc over a Kafka that speaks TLS and checks rights: it may do what the topic table says and nothing else."""

import json
import os
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError

from embedded.stack import Stack
from shared.contracts.topics import CUSTOMERS, CUSTOMERS_COMMANDS, INVOICES, all_topics
from shared.engine.errors import Unavailable
from shared.kafka.admin import broker_count
from tests.component.process import a_service, ready, stopped
from tests.component.records import a_command, ce_type
from tests.component.secured import ADMIN, Secured, a_secured_broker

pytestmark = pytest.mark.embedded


def set_up(secured: Secured, principal: str = ADMIN) -> "subprocess.CompletedProcess[str]":
    """`rebilling-topics --access`, as an operator runs it."""
    told = {f"REBILLING_{name}": value for name, value in secured.told(principal).items()}
    command = [sys.executable, "-m", "shared.kafka.setup", "--access", "--wait", "60"]
    return subprocess.run(command, env={**os.environ, **told}, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    broker = a_secured_broker(tmp_path_factory.mktemp("secured"))
    broker.part.start()
    done = set_up(broker)
    assert done.returncode == 0, done.stderr
    yield broker
    broker.part.stop()


@pytest.fixture
async def others(secured: Secured) -> AsyncIterator[AIOKafkaProducer]:
    """Whoever sends commands here; not a service."""
    producer = AIOKafkaProducer(**secured.cluster(ADMIN).options(), request_timeout_ms=10_000)
    await producer.start()
    yield producer
    await producer.stop()


async def test_a_service_does_its_work_as_its_own_principal(
    secured: Secured, stack: Stack, others: AIOKafkaProducer, tmp_path: Path
) -> None:
    told = secured.told("customer-svc")
    service = a_service("customer-svc", stack, f"secured_{uuid4().hex[:8]}_", tmp_path, **told)
    service.launch()
    customer_id = str(uuid4())
    try:
        await ready(service)
        command = {"partner_id": "p-1", "customer_id": customer_id, "company_name": "Nordlicht"}
        await others.send_and_wait(
            CUSTOMERS_COMMANDS.name,
            json.dumps(command).encode(),
            key=customer_id.encode(),
            headers=a_command("CreateCustomer", str(uuid4())),
        )

        said = AIOKafkaConsumer(CUSTOMERS.name, **secured.cluster(ADMIN).options(), auto_offset_reset="earliest")
        async with said:
            record = await said.getone()
    finally:
        code = await stopped(service)

    assert ce_type(record) == "CustomerCreated"
    assert record.key == customer_id.encode()
    assert code == 0
    assert "invented-for" not in service.log.read_text()


async def test_nobody_may_say_what_is_another_services(secured: Secured) -> None:
    producer = AIOKafkaProducer(**secured.cluster("customer-svc").options(), request_timeout_ms=10_000)
    await producer.start()
    try:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait(INVOICES.name, b"{}")
    finally:
        await producer.stop()


async def test_a_principal_without_rights_reads_nothing(secured: Secured) -> None:
    consumer = AIOKafkaConsumer(
        CUSTOMERS.name, **secured.cluster("stranger").options(), group_id="customer-svc.rebilling.customers"
    )
    try:
        with pytest.raises(KafkaError, match="uthorization"):
            async with consumer:
                await consumer.getone()
    finally:
        await consumer.stop()


async def test_a_wrong_password_gets_no_connection(secured: Secured) -> None:
    with pytest.raises(Unavailable):
        await broker_count(secured.cluster("customer-svc", KAFKA__SASL_PASSWORD="another"))


async def test_a_certificate_that_nobody_vouches_for_gets_no_connection(secured: Secured) -> None:
    cluster = replace(secured.cluster("customer-svc"), tls=ssl.create_default_context())

    with pytest.raises(Unavailable):
        await broker_count(cluster)


def test_setting_up_again_changes_nothing_and_says_so(secured: Secured) -> None:
    done = set_up(secured)

    assert done.returncode == 0
    assert f"0 topics created, {len(tuple(all_topics()))} were there; 1 replicas" in done.stdout


def test_as_many_brokers_as_replicas_are_wanted_are_waited_for(secured: Secured) -> None:
    told = {**secured.told(ADMIN), "KAFKA__REPLICATION_FACTOR": "2"}
    env = {**os.environ, **{f"REBILLING_{name}": value for name, value in told.items()}}

    command = [sys.executable, "-m", "shared.kafka.setup", "--wait", "5"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 1
    assert "waiting for the brokers: 1 of 2 are there" in done.stderr


def test_who_may_not_set_up_is_told(secured: Secured) -> None:
    done = set_up(secured, "stranger")

    assert done.returncode == 1
    assert "rebilling-topics: " in done.stderr
    assert "Traceback" not in done.stderr
    assert "invented-for" not in done.stderr
