"""A load of customer commands, measured from the first command to the last event."""

import asyncio
import json
import random
import time
import uuid
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from shared.contracts.topics import CUSTOMERS, CUSTOMERS_COMMANDS

LIMIT_S = 300.0


class Load:
    """`size` customers of one partner; every run's seed is the same."""

    def __init__(self, servers: str, size: int) -> None:
        self._servers = servers
        self._ids = [str(uuid.uuid4()) for _ in range(size)]
        self._random = random.Random(1)
        self._number = 0

    async def create(self) -> None:
        await self._run([self._record("CreateCustomer", id, {"company_name": "Harbour Dental"}) for id in self._ids], 2)

    async def update(self, number: int) -> float:
        """Commands per second, from a topic that already holds them all to the last event confirmed and read."""
        return await self._run([self._update() for _ in range(number)], 1)

    def _update(self) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
        self._number += 1
        fields = {"company_name": f"Harbour Dental {self._number}"}
        return self._record("UpdateCustomer", self._random.choice(self._ids), {"set": fields})

    def _record(self, name: str, id: str, data: dict[str, Any]) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
        told = {"ce_specversion": "1.0", "ce_id": str(uuid.uuid4()), "ce_source": "/bench"}
        told |= {"ce_type": f"rebilling.{name}.v1", "content-type": "application/json"}
        value = json.dumps({"partner_id": "bench", "customer_id": id, **data}).encode()
        return id.encode(), value, [(key, text.encode()) for key, text in told.items()]

    async def _run(self, records: list[tuple[bytes, bytes, list[tuple[str, bytes]]]], events_each: int) -> float:
        consumer = AIOKafkaConsumer(CUSTOMERS.name, bootstrap_servers=self._servers, auto_offset_reset="latest")
        producer = AIOKafkaProducer(bootstrap_servers=self._servers, enable_idempotence=True, linger_ms=5)
        await consumer.start()
        await producer.start()
        await consumer.seek_to_end()
        causes = {dict(headers)["ce_id"] for _, _, headers in records}
        began = time.perf_counter()
        sending = asyncio.create_task(self._send(producer, records))
        async with asyncio.timeout(LIMIT_S):
            seen = 0
            while seen < len(causes) * events_each:
                for found in (await consumer.getmany(timeout_ms=200)).values():
                    seen += sum(dict(record.headers)["ce_causationid"] in causes for record in found)
        spent = time.perf_counter() - began
        await sending
        await producer.stop()
        await consumer.stop()
        return len(records) / spent

    async def _send(
        self, producer: AIOKafkaProducer, records: list[tuple[bytes, bytes, list[tuple[str, bytes]]]]
    ) -> None:
        answers = [
            await producer.send(CUSTOMERS_COMMANDS.name, value, key=key, headers=headers)
            for key, value, headers in records
        ]
        await asyncio.gather(*answers)

    async def latencies(self, number: int) -> list[float]:
        """Seconds from one command to its event, one at a time."""
        consumer = AIOKafkaConsumer(CUSTOMERS.name, bootstrap_servers=self._servers, auto_offset_reset="latest")
        producer = AIOKafkaProducer(bootstrap_servers=self._servers, enable_idempotence=True)
        await consumer.start()
        await producer.start()
        await consumer.seek_to_end()
        waits = []
        for _ in range(number):
            key, value, headers = self._update()
            began = time.perf_counter()
            await producer.send_and_wait(CUSTOMERS_COMMANDS.name, value, key=key, headers=headers)
            async for record in consumer:
                if dict(record.headers)["ce_causationid"] == dict(headers)["ce_id"]:
                    break
            waits.append(time.perf_counter() - began)
        await producer.stop()
        await consumer.stop()
        return waits[number // 10 :]
