"""A small aggregate and a broker in memory, for the engine's own tests."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from shared.contracts.base import Event
from shared.contracts.topics import MESSAGE_BYTES
from shared.engine.change import Change, Due, Kind, Meta, Outgoing, Position, Reads
from shared.engine.decision import Decision, Refused, refuse
from shared.engine.engine import Engine
from shared.engine.errors import Unavailable
from shared.engine.jobs import Jobs
from shared.engine.parking import Parking
from shared.engine.ports import Documents, Record, TooLarge
from shared.engine.relay import Relay
from shared.engine.task import Task
from shared.store.memory import MemoryStore


@dataclass(frozen=True, slots=True)
class Tally:
    tally_id: str
    partner_id: str
    total: int = 0
    closed: bool = False
    version: int = 0
    created_at: str = ""
    updated_at: str = ""


@dataclass(frozen=True, slots=True)
class Added:
    amount: int


class Counted(Event):
    tally_id: str
    version: int
    total: int
    amount: int

    @property
    def tenant(self) -> str:
        return "p1"


class Refusal(Event):
    code: str

    @property
    def tenant(self) -> str:
        return "p1"


def told(fact: Added, tally: Tally) -> Outgoing:
    message = Counted(tally_id=tally.tally_id, version=tally.version, total=tally.total, amount=fact.amount)
    return Outgoing("tallies", tally.tally_id, tally.tally_id, message)


def pending(tally: Tally) -> list[Due]:
    return [] if tally.closed else [Due("close", tally.tally_id)]


TALLY = Kind[Tally, Added](collection="tallies", state=Tally, tell=told, id_name="tally_id")
TRACKED = Kind[Tally, Added](collection="tracked", state=Tally, tell=told, work=pending, id_name="tally_id")
NOTE = Kind[Tally, Added](collection="notes", state=Tally, tell=told, id_name="tally_id", appended=True)


def answered(refused: Refused) -> Outgoing:
    return Outgoing("answers", "x", "x", Refusal(code=refused.problems[0].code))


def meta(id: str, *, partner: str = "p1", offset: int | None = None, body: bytes | None = None) -> Meta:
    at = None if offset is None else Position("c/commands", 0, offset)
    time = datetime(2026, 11, 23, 12, tzinfo=UTC)
    return Meta(partner, "/test", id, "Add", time, "user:u", id, position=at, body=body)


def adding(id: str, amount: int, *, kind: Kind[Tally, Added] = TALLY, partner: str = "p1") -> Change[Tally, Added]:
    def decide(tally: Tally | None, reads: Reads) -> Decision[Tally, Added]:
        del reads
        tally = tally or Tally(id, partner)
        if tally.closed:
            raise refuse("/tally_id", "CLOSED", "it is closed")
        if amount == 0:
            return Decision(tally)
        return Decision(replace(tally, total=tally.total + amount), (Added(amount),))

    return Change(kind, id, decide)


def writing(id: str, amount: int) -> Change[Tally, Added]:
    """Written once; whoever comes later finds it as it is."""

    def decide(known: Tally | None, reads: Reads) -> Decision[Tally, Added]:
        del reads
        return Decision(known) if known is not None else Decision(Tally(id, "p1", amount), (Added(amount),))

    return Change(NOTE, id, decide, once=False)


def closing(id: str, *, kind: Kind[Tally, Added] = TALLY) -> Change[Tally, Added]:
    def decide(tally: Tally | None, reads: Reads) -> Decision[Tally, Added]:
        del reads
        assert tally is not None
        return Decision(replace(tally, closed=True))

    return Change(kind, id, decide)


def task(id: str, *changes: Change[Tally, Added], offset: int | None = None, partner: str = "p1") -> Task:
    return Task(meta(id, offset=offset, partner=partner), changes, answered)


class Broker:
    """Confirms what it is sent, unless it is told to be away, or finds the record too large."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.away = False
        self.too_large: set[str] = set()
        self.hold: asyncio.Event | None = None
        self.shut: asyncio.Event | None = None
        """Until it is set, nothing can be handed over: as when the leaders of a topic are yet to be learnt."""

    async def send(self, record: Record) -> Awaitable[None]:
        if self.shut is not None:
            await self.shut.wait()
        if self.away:
            raise Unavailable("broker: away")
        too_large = record.value is not None and len(record.value) > MESSAGE_BYTES
        if too_large or (record.key is not None and record.key.decode(errors="replace") in self.too_large):
            raise TooLarge(record.topic)
        return self._confirmed(await self._take(record), self.hold)

    async def _take(self, record: Record) -> Awaitable[None]:
        self.records.append(record)
        return asyncio.sleep(0)

    async def _confirmed(self, answer: Awaitable[None], hold: asyncio.Event | None) -> None:
        await answer
        if hold is not None:
            await hold.wait()

    async def said(self) -> Sequence[Record]:
        """All that stands in its topics, in order."""
        return self.records


def ids(records: Sequence[Record]) -> list[str]:
    return [dict(record.headers)["ce_id"].decode() for record in records]


@dataclass
class Bench:
    """An engine with everything around it: one process of a service, without a web and without consumers."""

    store: Documents
    broker: Broker
    relay: Relay
    jobs: Jobs
    engine: Engine

    async def run(self, *tasks: Task) -> None:
        saved = await self.engine.apply(tasks, lambda: True)
        await self.relay.publish(saved)

    async def said(self) -> Sequence[Record]:
        return await self.broker.said()

    async def total(self, id: str, kind: Kind[Tally, Added] = TALLY) -> int:
        tally = await self.engine.read(kind, id)
        assert tally is not None
        return tally.total


def a_bench(store: Documents | None = None, broker: Broker | None = None) -> Bench:
    """In memory, where nothing else is given."""
    store, broker = store or MemoryStore(), broker or Broker()
    relay, jobs = Relay(broker, "/test", Parking(store)), Jobs(store, "me")
    return Bench(store, broker, relay, jobs, Engine(store, relay, jobs))
