"""Who asks about one customer: one over Kafka, whose every record is produced twice, and one over HTTP."""

import random
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any
from uuid import UUID

from tests.faults.clients import PATIENCE_S, Clients, Twice
from tests.faults.ledger.asked import Asked
from tests.faults.running import CUSTOMER_SVC
from tests.faults.watching import Watch
from tests.faults.ways import Way

Hand = Callable[[Asked, Way], Awaitable[None]]


class Askers:
    """`tag` is in every name that they give, `numbers` make each of them another. `known_version`: the customer's, as
    it was answered last."""

    def __init__(self, clients: Clients, watch: Watch, rng: random.Random) -> None:
        self.clients, self.watch, self.rng = clients, watch, rng
        self.customer_id = self.uuid()
        self.tag = self.customer_id[:8]
        self.numbers = count(1)
        self.known_version = 1
        self._twice = Twice(clients, rng)

    def asked(self, name: str, sets: dict[str, Any], *, wrong: bool = False, depends: bool = False) -> Asked:
        return Asked(self.uuid(), name, "kafka", self.customer_id, sets, must_be_refused=wrong, may_be_refused=depends)

    def any(self) -> Hand:
        return self.rng.choice((self.over_kafka, self.over_http))

    async def over_kafka(self, asked: Asked, way: Way) -> None:
        await self._twice.send(way, asked)

    async def over_http(self, asked: Asked, way: Way) -> None:
        asked.over = "http"
        await self.clients.request(asked, way, self.rng)
        if way.service == CUSTOMER_SVC:
            self.known_version = max(self.known_version, asked.version or 0)

    async def until_done(self, asked: Asked, way: Way, *, hand: Hand | None = None) -> None:
        """Returns once something was said of it, or it was answered: what is asked next comes after it, any way."""
        await (hand or self.any())(asked, way)
        if asked.over == "kafka":
            await self.watch.saw_end(asked.id, PATIENCE_S)

    async def close(self) -> None:
        """Everything that is left is produced the second time."""
        await self._twice.close()

    def uuid(self) -> str:
        return str(UUID(int=self.rng.getrandbits(128), version=4))
