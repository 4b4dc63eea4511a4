"""Reads every topic from its beginning while things happen: to know when something was said, and to keep it all."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final, Self

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from shared.contracts.topics import (
    ANSWERS,
    CUSTOMERS,
    CUSTOMERS_COMMANDS,
    INVOICES,
    INVOICES_COMMANDS,
    PSA,
    PSA_COMMANDS,
    all_topics,
)
from tests.faults.ledger.said import Said

COMMANDS: Final = (CUSTOMERS_COMMANDS.name, PSA_COMMANDS.name, INVOICES_COMMANDS.name)
_OTHERS: Final = (CUSTOMERS.name, PSA.name, INVOICES.name, ANSWERS.name)
_DEAD: Final = tuple(topic.name for topic in all_topics() if topic.name.endswith(".dlq"))


class Watch:
    """What was read so far, by topic."""

    def __init__(self, servers: str) -> None:
        self._consumer = AIOKafkaConsumer(
            *COMMANDS, *_OTHERS, *_DEAD, bootstrap_servers=servers, auto_offset_reset="earliest"
        )
        self._said: defaultdict[str, list[Said]] = defaultdict(list)
        self._seen: set[tuple[str, str]] = set()
        self._caused: set[str] = set()
        self._imported: dict[str, str] = {}
        self._news = asyncio.Condition()
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        await self._consumer.stop()

    def of(self, *topics: str) -> list[Said]:
        return [one for topic in topics for one in self._said[topic]]

    @property
    def dead_letters(self) -> list[str]:
        return [f"{one.topic}[{one.partition}]@{one.offset}" for one in self.of(*_DEAD)]

    async def saw(self, type_: str, subject: str, within_s: float) -> bool:
        """Whether this was said of the aggregate by then."""
        return await self._comes(lambda: (type_, subject) in self._seen, within_s)

    async def saw_end(self, command_id: str, within_s: float) -> bool:
        """Whether something was said because of this command by then."""
        return await self._comes(lambda: command_id in self._caused, within_s)

    async def saw_imported(self, request_ids: Collection[str], within_s: float) -> str | None:
        """The customer that the first of these imports came to; None: all were refused, or nothing came by then."""

        def over() -> bool:
            refused = sum(("ImportRefused", id) in self._seen for id in request_ids)
            return refused == len(request_ids) or any(id in self._imported for id in request_ids)

        await self._comes(over, within_s)
        return next((self._imported[id] for id in request_ids if id in self._imported), None)

    async def saw_all_ended(self, request_ids: Collection[str], within_s: float) -> bool:
        """Whether each of these imports has its end by then."""

        def over() -> bool:
            return all(id in self._imported or ("ImportRefused", id) in self._seen for id in request_ids)

        return await self._comes(over, within_s)

    async def _comes(self, there: Callable[[], bool], within_s: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s), self._news:
                await self._news.wait_for(there)
        return there()

    async def caught_up(self, within_s: float) -> bool:
        """Whether everything that is in the topics now was read by then."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                ends = await self._consumer.end_offsets(list(self._consumer.assignment()))
                async with self._news:
                    await self._news.wait_for(lambda: self._has_read(ends))
                return True
        return False

    def _has_read(self, ends: dict[Any, int]) -> bool:
        read: defaultdict[tuple[str, int], int] = defaultdict(int)
        for topic, said in self._said.items():
            for one in said:
                read[topic, one.partition] = max(read[topic, one.partition], one.offset + 1)
        return all(read[at.topic, at.partition] >= end for at, end in ends.items())

    async def _read(self) -> None:
        while True:
            try:
                found = await self._consumer.getmany(timeout_ms=200, max_records=2000)
            except KafkaError:
                await asyncio.sleep(0.2)
                continue
            if found:
                async with self._news:
                    self._keep(record for records in found.values() for record in records)
                    self._news.notify_all()

    def _keep(self, records: Iterable[Any]) -> None:
        for record in records:
            told = {name: value.decode(errors="replace") for name, value in record.headers if value is not None}
            one = Said(
                topic=record.topic,
                partition=record.partition,
                offset=record.offset,
                key=(record.key or b"").decode(errors="replace"),
                id=told.get("ce_id", ""),
                type=told.get("ce_type", "").removeprefix("rebilling.").removesuffix(".v1"),
                subject=told.get("ce_subject", ""),
                cause=told.get("ce_causationid", ""),
                value=record.value or b"",
            )
            self._said[record.topic].append(one)
            self._seen.add((one.type, one.subject))
            self._caused.add(one.cause)
            if one.type == "CustomerImported":
                self._imported[one.body["request_id"]] = one.subject
