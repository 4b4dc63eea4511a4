"""Instances with a limiter each, over one store: in memory, and the embedded one; and a PSA that counts."""

import asyncio
import uuid
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import pytest

from psa_sync_svc.adapters.budget.documents import BUDGETS, StoredBudgets
from psa_sync_svc.adapters.budget.in_hand import Clock
from psa_sync_svc.adapters.budget.shared import TIDY_S, SharedRate, SharedRates
from psa_sync_svc.domain.allowance import Terms
from psa_sync_svc.workers.psa import Connection, Purpose
from psa_sync_svc.workers.standing import Standing
from shared.engine.errors import Unavailable
from shared.engine.ports import Doc, Documents
from shared.store.memory import MemoryStore
from shared.store.mongo import MongoStore

PARTNER = "harbour-it"


@pytest.fixture(params=["memory", pytest.param("mongo", marks=pytest.mark.embedded)])
def store(request: pytest.FixtureRequest) -> Iterator[Documents]:
    """Empty, and no other test's."""
    if request.param == "memory":
        yield MemoryStore()
        return
    mongo = MongoStore(request.getfixturevalue("stack").mongodb_uri, f"budget_{uuid.uuid4().hex[:8]}")
    yield mongo
    mongo.close()


class Ticking(Clock):
    """A clock that is off, and goes on when it is told to."""

    def __init__(self, off_s: float = 0.0) -> None:
        self.off_s, self.ahead_s = off_s, 0.0

    def ms(self) -> int:
        return super().ms() + int((self.off_s + self.ahead_s) * 1000)

    def now(self) -> float:
        return super().now() + self.ahead_s


class Fallible(MemoryStore):
    """A store that can be away."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.writes = 0

    async def get(self, collection: str, id: str) -> Doc | None:
        self._answer()
        return await super().get(collection, id)

    async def insert(self, collection: str, doc: Doc) -> bool:
        self._answer()
        self.writes += 1
        return await super().insert(collection, doc)

    async def replace_if(self, collection: str, id: str, guard: Any, doc: Doc) -> bool:
        self._answer()
        self.writes += 1
        return await super().replace_if(collection, id, guard, doc)

    def _answer(self) -> None:
        if self.away:
            raise Unavailable("document store: away")


@dataclass
class CountingPsa:
    """Knows when it was asked, and how many it worked on at a time, for each endpoint."""

    moments: list[float] = field(default_factory=list)
    busy: Counter[str] = field(default_factory=Counter)
    most: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    @asynccontextmanager
    async def working(self, endpoint: str) -> AsyncIterator[None]:
        self.moments.append(monotonic())
        self.busy[endpoint] += 1
        self.most[endpoint] = max(self.most[endpoint], self.busy[endpoint])
        try:
            yield
        finally:
            self.busy[endpoint] -= 1

    async def asked(self, endpoint: str, seconds: float = 0.0) -> None:
        async with self.working(endpoint):
            await asyncio.sleep(seconds)

    def most_in(self, seconds: float) -> int:
        return max(sum(end - seconds < each <= end for each in self.moments) for end in self.moments)


@dataclass
class Instance:
    """One process's limiter, and what its clients get of it."""

    rates: SharedRates
    terms: Terms
    clock: Ticking

    def rate(self, purpose: Purpose = Purpose.BACKGROUND, **named: Any) -> SharedRate:
        given = {"integration_id": "i-1", "partner_id": PARTNER, "base_url": None, "credentials": {}, **named}
        return self.rates.of("autotask", Connection(purpose=purpose, **given), self.terms, tenant=("here",))


Launch = Callable[..., Instance]


@pytest.fixture
async def launched() -> AsyncIterator[Launch]:
    """Makes instances, which give back what rests, and in the end all that they hold."""
    made: list[Instance] = []

    async def tidy() -> None:
        while True:
            await asyncio.sleep(TIDY_S)
            for instance in made:
                await instance.rates.tidy()

    def launch(store: Documents, terms: Terms, *, off_s: float = 0.0) -> Instance:
        clock = Ticking(off_s)
        owner = str(uuid.uuid4())
        rates = SharedRates(StoredBudgets(store), Standing(store), owner=owner, clock=clock)
        made.append(Instance(rates, terms, clock))
        return made[-1]

    tidying = asyncio.create_task(tidy())
    yield launch
    tidying.cancel()
    for instance in made:
        await instance.rates.close()


@pytest.fixture
def psa() -> CountingPsa:
    return CountingPsa()


@pytest.fixture
def fallible() -> Fallible:
    return Fallible()


@pytest.fixture
def budget() -> Callable[[Documents], Awaitable[Doc]]:
    """The one budget that is in a store."""

    async def read(store: Documents) -> Doc:
        (doc,) = await store.find(BUDGETS, {})
        state: Doc = doc["state"]
        return state

    return read
