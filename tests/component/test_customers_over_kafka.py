"""customer-svc on a real broker and a real store, driven through its topics only."""

import asyncio
import json
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from embedded.ports import free_port
from embedded.stack import Stack
from shared.contracts.topics import ANSWERS, CUSTOMERS, CUSTOMERS_COMMANDS, dead_letters
from shared.kafka.admin import create_topics

LIMIT_S = 60.0

# A process that was killed leaves its pipes to the garbage collector; that is what these tests do.
pytestmark = [
    pytest.mark.filterwarnings("default::ResourceWarning"),
    pytest.mark.filterwarnings("default::pytest.PytestUnraisableExceptionWarning"),
]
Header = tuple[str, bytes]


class Reader:
    """Everything that a topic holds, read from its beginning."""

    def __init__(self, servers: str, topic: str) -> None:
        self._servers, self._topic = servers, topic
        self.records: list[Any] = []

    async def __aenter__(self) -> "Reader":
        self._consumer = AIOKafkaConsumer(self._topic, bootstrap_servers=self._servers, auto_offset_reset="earliest")
        await self._consumer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def until(self, found: Callable[[list[Any]], bool]) -> list[Any]:
        async with asyncio.timeout(LIMIT_S):
            while not found(self.records):
                for records in (await self._consumer.getmany(timeout_ms=100)).values():
                    self.records.extend(records)
        return self.records


class Service:
    """customer-svc as a process, which may be killed."""

    def __init__(self, stack: Stack, prefix: str, home: Path, failpoint: str = "") -> None:
        keys = home / "keys.json"
        if not keys.exists():
            keys.write_text(json.dumps({"keys": [_public_key()]}))
        self._log = home / "customer-svc.log"
        self._env = {
            **os.environ,
            "REBILLING_KAFKA__BOOTSTRAP_SERVERS": stack.bootstrap_servers,
            "REBILLING_MONGODB__URI": stack.mongodb_uri,
            "REBILLING_MONGODB__DATABASE_PREFIX": prefix,
            "REBILLING_AUTH__JWKS_FILE": str(keys),
            "REBILLING_AUTH__ISSUER": "test",
            "REBILLING_AUTH__AUDIENCE": "rebilling",
            "REBILLING_HTTP__PORT": str(free_port()),
            "REBILLING_TELEMETRY__LOG_FORMAT": "json",
            "REBILLING_FAILPOINT": failpoint,
            "REBILLING_FAILPOINT_MARKER": str(home / f"marker-{failpoint}"),
        }

    async def start(self) -> None:
        self._out = self._log.open("ab")
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "from customer_svc.app import main; main()",
            env=self._env,
            stdout=self._out,
            stderr=self._out,
        )

    async def kill(self) -> None:
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
        await self.process.wait()
        self._out.close()

    async def stop(self) -> int:
        if self.process.returncode is None:
            self.process.terminate()
        code = await asyncio.wait_for(self.process.wait(), LIMIT_S)
        self._out.close()
        return code

    def log(self) -> str:
        return self._log.read_text(errors="replace")


def _public_key() -> dict[str, Any]:
    from joserfc.jwk import RSAKey  # noqa: PLC0415

    return dict(RSAKey.generate_key(2048, {"kid": "k", "use": "sig", "alg": "RS256"}).as_dict(private=False))


def a_command(name: str, id: str, source: str = "/test") -> list[Header]:
    told = {"ce_specversion": "1.0", "ce_id": id, "ce_source": source, "ce_type": f"rebilling.{name}.v1"}
    return [(key, value.encode()) for key, value in told.items()] + [("content-type", b"application/json")]


def ce_type(record: Any) -> str:
    return str(dict(record.headers)["ce_type"], "utf-8").split(".")[1]


async def topics_lead(servers: str) -> None:
    """Returns once the broker answers for every partition: a topic that was just made has no leader for a moment."""
    names = (CUSTOMERS.name, CUSTOMERS_COMMANDS.name, ANSWERS.name)
    consumer = AIOKafkaConsumer(*names, bootstrap_servers=servers)
    await consumer.start()
    try:
        async with asyncio.timeout(LIMIT_S):
            await consumer.end_offsets(list(consumer.assignment()))
    finally:
        await consumer.stop()


@pytest.fixture
async def producer(stack: Stack) -> AsyncIterator[AIOKafkaProducer]:
    await create_topics(stack.bootstrap_servers)
    await topics_lead(stack.bootstrap_servers)
    producer = AIOKafkaProducer(bootstrap_servers=stack.bootstrap_servers, enable_idempotence=True)
    await producer.start()
    yield producer
    await producer.stop()


@pytest.fixture
async def service(stack: Stack, tmp_path: Path, producer: AIOKafkaProducer) -> AsyncIterator[Service]:
    service = Service(stack, f"t{uuid.uuid4().hex[:8]}_", tmp_path)
    await service.start()
    yield service
    await service.kill()


async def send(producer: AIOKafkaProducer, name: str, id: str, customer_id: str, **data: Any) -> None:
    value = json.dumps({"partner_id": "p1", "customer_id": customer_id, **data}).encode()
    await producer.send_and_wait(CUSTOMERS_COMMANDS.name, value, key=customer_id.encode(), headers=a_command(name, id))


def about(records: list[Any], customer_id: str) -> list[Any]:
    return [record for record in records if record.key == customer_id.encode()]


async def test_a_command_becomes_its_events_in_order_and_a_repeat_none(
    stack: Stack, producer: AIOKafkaProducer, service: Service
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
    stack: Stack, producer: AIOKafkaProducer, service: Service
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


async def test_poison_goes_aside_byte_for_byte_and_its_neighbours_go_on(
    stack: Stack, producer: AIOKafkaProducer, service: Service
) -> None:
    good, tag = str(uuid.uuid4()), uuid.uuid4().hex
    fine = a_command("CreateCustomer", tag)
    poison: list[tuple[bytes | None, list[Header], str]] = [
        (b"{not json", fine, "BAD_JSON"),
        (b"[1]", fine, "NOT_AN_OBJECT"),
        (b"{}", [*fine[:2], ("ce_source", b"\xff\xfe"), *fine[3:]], "BAD_HEADER"),
        (b"{}", [], "NO_ENVELOPE"),
        (None, fine, "TOMBSTONE"),
        (b"{}", a_command("Unheard", tag), "UNKNOWN_TYPE"),
        (b'{"company_name": "x"}', fine, "NO_PARTNER"),
        (b"\x00" * 900_000, fine, "BAD_JSON"),
    ]
    async with (
        Reader(stack.bootstrap_servers, dead_letters(CUSTOMERS_COMMANDS, "customer-svc").name) as letters,
        Reader(stack.bootstrap_servers, CUSTOMERS.name) as said,
    ):
        for value, headers, _ in poison:
            await producer.send_and_wait(CUSTOMERS_COMMANDS.name, value, key=tag.encode(), headers=headers)
        await send(producer, "CreateCustomer", str(uuid.uuid4()), good, company_name="Next")
        await said.until(lambda all: bool(about(all, good)))
        records = await letters.until(lambda all: sum(r.key == tag.encode() for r in all) >= len(poison))

    mine = [record for record in records if record.key == tag.encode()]
    assert [(record.value, dict(record.headers)["rebilling_dlq_reason"].decode()) for record in mine] == [
        (value, reason) for value, _, reason in poison
    ]
    assert [list(record.headers[: len(headers)]) for record, (_, headers, _) in zip(mine, poison, strict=True)] == [
        headers for _, headers, _ in poison
    ]


async def test_an_operator_may_produce_a_command_as_one_json_line(
    stack: Stack, producer: AIOKafkaProducer, service: Service
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
        await said.until(lambda all: bool(about(all, customer)))


@pytest.mark.parametrize("failpoint", ["", "after-save", "after-publish", "before-clear", "before-commit"])
async def test_killed_at_any_place_nothing_is_lost_and_nothing_has_a_second_effect(
    stack: Stack, producer: AIOKafkaProducer, tmp_path: Path, failpoint: str
) -> None:
    service = Service(stack, f"t{uuid.uuid4().hex[:8]}_", tmp_path, failpoint)
    await service.start()
    customers = [str(uuid.uuid4()) for _ in range(20)]
    async with Reader(stack.bootstrap_servers, CUSTOMERS.name) as said:
        for round_ in range(6):
            for customer in customers:
                name, data = (
                    ("CreateCustomer", {"company_name": "n"})
                    if not round_
                    else (
                        "UpdateCustomer",
                        {"set": {"company_name": f"n{round_}"}},
                    )
                )
                for _ in range(2):
                    await send(producer, name, f"{customer}-{round_}", customer, **data)
            if round_ in (2, 4):
                if failpoint:
                    await asyncio.wait_for(service.process.wait(), LIMIT_S) if round_ == 2 else None
                await service.kill() if not failpoint or round_ == 2 else None
                await service.start() if not failpoint or round_ == 2 else None
        records = await said.until(lambda all: all_at(all, customers, 6))
    code = await service.stop()

    assert code == 0, service.log()
    for customer in customers:
        versions: dict[int, set[str]] = {}
        for record in about(records, customer):
            versions.setdefault(json.loads(record.value)["customer"]["version"], set()).add(
                dict(record.headers)["ce_id"].decode()
            )
        assert sorted(versions) == [1, 2, 3, 4, 5, 6]
        assert [len(versions[version]) for version in sorted(versions)] == [2, 1, 1, 1, 1, 1]


def all_at(records: list[Any], customers: list[str], version: int) -> bool:
    seen: dict[bytes, int] = {}
    for record in records:
        seen[record.key] = max(seen.get(record.key, 0), json.loads(record.value)["customer"]["version"])
    return all(seen.get(customer.encode(), 0) >= version for customer in customers)
