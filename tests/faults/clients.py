"""Clients that do not give up: records that are produced twice, and requests repeated until somebody answers."""

import asyncio
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final, Self

import httpx
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from tests.faults.ledger.asked import Asked
from tests.faults.running import Running
from tests.faults.ways import Way

PATIENCE_S: Final = 180.0
_LATEST_REPEAT: Final = 28
"""Other commands of its customer before a record's second copy, at most; 32 are promised to do no harm."""

_LOST: Final = 0.1
"""The part of the answers that are taken for lost, so that their requests are repeated."""


@dataclass(frozen=True, slots=True)
class Record:
    topic: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


class Clients:
    """Everybody who asks something of the system; `asked` is the history that they keep."""

    def __init__(self, running: Running) -> None:
        endpoints = running.endpoints()
        self.asked: dict[str, Asked] = {}
        self.partner_id: str = endpoints["partner_id"]
        self._urls = {name: [one["url"] for one in of] for name, of in endpoints["instances"].items()}
        self._producer = AIOKafkaProducer(bootstrap_servers=endpoints["kafka"], acks="all", linger_ms=2)
        bearer = {"Authorization": f"Bearer {endpoints['token']}"}
        self._http = httpx.AsyncClient(headers=bearer, timeout=15.0, trust_env=False)

    async def __aenter__(self) -> Self:
        await self._producer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()
        await self._producer.stop()

    def record(self, topic: str, asked: Asked, data: Mapping[str, Any], *, key: str = "") -> Record:
        """`key`: for what is not about a customer yet."""
        whose = {} if key else {"customer_id": asked.customer_id}
        value = json.dumps({"partner_id": self.partner_id, **whose, **data}).encode()
        told = {"ce_specversion": "1.0", "ce_id": asked.id, "ce_source": "/faults"}
        told |= {"ce_type": f"rebilling.{asked.name}.v1", "content-type": "application/json"}
        headers = [(name, text.encode()) for name, text in told.items()]
        return Record(topic, (key or asked.customer_id).encode(), value, headers)

    def note(self, asked: Asked) -> None:
        asked.began = monotonic()
        self.asked[asked.id] = asked

    async def produce(self, record: Record) -> bool:
        """Whether the broker has it; repeated until it says so, or patience ends."""
        until = monotonic() + PATIENCE_S
        while monotonic() < until:
            try:
                await self._producer.send_and_wait(record.topic, record.value, key=record.key, headers=record.headers)
            except KafkaError:
                await asyncio.sleep(0.2)
            else:
                return True
        return False

    async def request(self, asked: Asked, way: Way, rng: random.Random) -> None:
        """To any instance, and with the same key to any again where no answer came or one of 500 and more."""
        self.note(asked)
        lost = rng.random() < _LOST
        while monotonic() < asked.began + PATIENCE_S:
            asked.attempts += 1
            answer = await self._once(way, rng.choice(self._urls[way.service]), asked.id)
            if answer is not None and answer.status_code < 500 and not lost:
                asked.ended, asked.status = monotonic(), answer.status_code
                asked.version = answer.json().get("version") if answer.is_success else None
                return
            lost = False
            await asyncio.sleep(rng.uniform(0.05, 0.4))

    async def _once(self, way: Way, url: str, key: str) -> httpx.Response | None:
        try:
            return await self._http.request(way.method, url + way.path, json=way.body, headers={"Idempotency-Key": key})
        except httpx.HTTPError:
            return None


@dataclass
class Twice:
    """One customer's records, each produced a second time, with at most some others of the customer in between."""

    clients: Clients
    rng: random.Random
    sent: int = 0
    again: list[tuple[int, Record]] = field(default_factory=list)

    async def send(self, way: Way, asked: Asked) -> None:
        self.clients.note(asked)
        record = self.clients.record(way.topic, asked, way.data, key=way.key)
        asked.attempts = 1
        if await self.clients.produce(record):
            asked.ended = monotonic()
        self.sent += 1
        self.again.append((self.sent, record))
        while self.again and self.sent - self.again[0][0] >= _LATEST_REPEAT:
            await self._repeat(0)
        if self.again and self.rng.random() < 0.5:
            await self._repeat(self.rng.randrange(len(self.again)))

    async def close(self) -> None:
        while self.again:
            await self._repeat(0)

    async def _repeat(self, place: int) -> None:
        await self.clients.produce(self.again.pop(place)[1])
