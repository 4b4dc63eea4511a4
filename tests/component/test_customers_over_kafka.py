"""customer-svc on a real broker and a real store, driven through its topics only."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from embedded.part import Part
from embedded.stack import Stack
from shared.contracts.topics import ANSWERS, CUSTOMERS, CUSTOMERS_COMMANDS
from tests.component.process import a_service, ready, stopped
from tests.component.records import LIMIT_S, Reader, a_command, about, ce_type

pytestmark = pytest.mark.embedded


def customer_svc(stack: Stack, home: Path, **more: str) -> Part:
    return a_service("customer-svc", stack, f"t{uuid.uuid4().hex[:8]}_", home, **more)


@pytest.fixture
async def service(stack: Stack, tmp_path: Path, servers: str) -> AsyncIterator[Part]:
    service = customer_svc(stack, tmp_path)
    service.launch()
    await ready(service)
    yield service
    await stopped(service)


async def send(producer: AIOKafkaProducer, name: str, id: str, customer_id: str, **data: Any) -> None:
    value = json.dumps({"partner_id": "p1", "customer_id": customer_id, **data}).encode()
    await producer.send_and_wait(CUSTOMERS_COMMANDS.name, value, key=customer_id.encode(), headers=a_command(name, id))


async def test_a_command_becomes_its_events_in_order_and_a_repeat_none(
    stack: Stack, producer: AIOKafkaProducer, service: Part
) -> None:
    customer, made, set_ = (str(uuid.uuid4()) for _ in range(3))
    async with Reader(stack.bootstrap_servers, CUSTOMERS.name) as said:
        for _ in range(2):
            await send(producer, "CreateCustomer", made, customer, company_name="Harbour Dental")
            await send(producer, "UpdateCustomer", set_, customer, set={"email": "ap@harbour.test"})
        await send(producer, "DisableCustomer", str(uuid.uuid4()), customer)
        records = await said.until(lambda all: any(ce_type(r) == "CustomerDisabled" for r in about(all, customer)))

    mine = about(records, customer)
    assert [ce_type(record) for record in mine] == [
        "CustomerCreated",
        "EmailMissing",
        "CustomerUpdated",
        "EmailConfigured",
        "CustomerDisabled",
    ]
    assert [json.loads(record.value)["customer"]["version"] for record in mine] == [1, 1, 2, 2, 3]
    assert json.loads(mine[2].value)["changed"] == ["email"]
    assert dict(mine[0].headers)["ce_causationid"].decode() == made


async def test_a_refused_command_is_answered_once_however_often_it_comes(
    stack: Stack, producer: AIOKafkaProducer, service: Part
) -> None:
    nobody, id = str(uuid.uuid4()), str(uuid.uuid4())
    async with Reader(stack.bootstrap_servers, ANSWERS.name) as answers:
        for _ in range(3):
            await send(producer, "UpdateCustomer", id, nobody, set={"email": "not an address", "colour": "red"})
        last = str(uuid.uuid4())
        await send(producer, "DisableCustomer", last, nobody)
        records = await answers.until(lambda all: any(r.key == last.encode() for r in all))

    mine = [json.loads(record.value) for record in records if record.key == id.encode()]
    assert len(mine) == 1
    assert {problem["pointer"] for problem in mine[0]["errors"]} == {"/set/colour", "/set/email"}
    assert mine[0]["command_id"] == id


async def test_an_operator_may_produce_a_command_as_one_json_line(
    stack: Stack, producer: AIOKafkaProducer, service: Part
) -> None:
    customer = str(uuid.uuid4())
    line = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "/operator",
        "type": "rebilling.CreateCustomer.v1",
        "data": {"partner_id": "p1", "customer_id": customer, "company_name": "By hand"},
    }
    async with Reader(stack.bootstrap_servers, CUSTOMERS.name) as said:
        headers = [("content-type", b"application/cloudevents+json"), ("reply_to", b"rebilling.answers")]
        await producer.send_and_wait(CUSTOMERS_COMMANDS.name, json.dumps(line).encode(), headers=headers)
        await said.until_about(customer)


@pytest.mark.parametrize("failpoint", ["", "after-save", "after-publish", "before-clear", "before-commit"])
async def test_killed_at_any_place_nothing_is_lost_and_nothing_has_a_second_effect(
    stack: Stack, producer: AIOKafkaProducer, tmp_path: Path, failpoint: str
) -> None:
    armed = tmp_path / "failpoints"
    armed.mkdir()
    if failpoint:
        (armed / failpoint).touch()
    service = customer_svc(stack, tmp_path, FAILPOINTS=str(armed))
    service.launch()
    customers = [str(uuid.uuid4()) for _ in range(20)]
    async with Reader(stack.bootstrap_servers, CUSTOMERS.name) as said:
        for round_ in range(6):
            for customer in customers:
                for _ in range(2):
                    await create_or_rename(producer, customer, round_)
            if round_ == 2 and failpoint:
                await ended(service)
            if round_ == 2 or (round_ == 4 and not failpoint):
                service.kill()
                service.launch()
        records = await said.until(lambda all: all_at(all, customers, 6))
    code = await stopped(service)

    assert code == 0, service.last_words()
    for customer in customers:
        versions: dict[int, set[str]] = {}
        for record in about(records, customer):
            versions.setdefault(json.loads(record.value)["customer"]["version"], set()).add(
                dict(record.headers)["ce_id"].decode()
            )
        assert sorted(versions) == [1, 2, 3, 4, 5, 6]
        assert [len(versions[version]) for version in sorted(versions)] == [2, 1, 1, 1, 1, 1]


async def create_or_rename(producer: AIOKafkaProducer, customer: str, round_: int) -> None:
    id, name = f"{customer}-{round_}", f"n{round_}"
    if round_:
        await send(producer, "UpdateCustomer", id, customer, set={"company_name": name})
    else:
        await send(producer, "CreateCustomer", id, customer, company_name=name)


async def ended(service: Part) -> None:
    """It came to its failpoint."""
    async with asyncio.timeout(LIMIT_S):
        while service.alive():  # noqa: ASYNC110 - a process has no event to wait for
            await asyncio.sleep(0.05)


def all_at(records: list[Any], customers: list[str], version: int) -> bool:
    seen: dict[bytes, int] = {}
    for record in records:
        seen[record.key] = max(seen.get(record.key, 0), json.loads(record.value)["customer"]["version"])
    return all(seen.get(customer.encode(), 0) >= version for customer in customers)
