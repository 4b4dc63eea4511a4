"""Tells an address of changed companies, as a PSA's webhooks do: in order, again where it fails, and not for ever."""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

import httpx
from pydantic import BaseModel, ConfigDict, Field

from embedded.simulated.records import Row

BY_THE_API: Final[ContextVar[bool]] = ContextVar("by_the_api", default=False)
"""Whether the API's user changes something now, and not a person there."""
_MOST: Final = 1_000
_LIMIT_S: Final = 10.0


class Target(BaseModel):
    """Where to, and how. `own_changes`: also of what the API's user changed. `attempts`: of one delivery, `retry_s`
    apart; after `strikes` deliveries in a row that failed it is switched off, and `stopped_url` is told."""

    model_config = ConfigDict(extra="forbid")

    url: str
    secret: str = ""
    stopped_url: str | None = None
    own_changes: bool = False
    attempts: int = Field(default=5, ge=1)
    retry_s: float = Field(default=30.0, ge=0)
    strikes: int = Field(default=25, ge=1)
    key_url: str | None = None
    """Where the key is said to be, for a PSA that names that."""


@dataclass(frozen=True)
class Happened:
    """`row` None: it is gone. `origin`: the simulator's own address; `number` counts what happened."""

    id: int
    before: Row | None
    row: Row | None
    number: int
    origin: str


@dataclass(frozen=True)
class Sent:
    """A request as it goes over the wire."""

    url: str
    headers: Mapping[str, str]
    body: bytes


Write = Callable[[Happened, Target], Sent]
Stop = Callable[[Target], Sent]


class Sender:
    """One target, one delivery at a time. `write`: how this PSA writes it; `stop`: how it tells that it has stopped."""

    def __init__(self, write: Write, stop: Stop | None = None) -> None:
        self._write, self._stop = write, stop
        self._numbers = itertools.count(1)
        self._queue: deque[tuple[Sent, dict[str, Any]]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._origin = ""
        self.target: Target | None = None
        self.active, self.failed = False, 0
        self.deliveries: deque[dict[str, Any]] = deque(maxlen=_MOST)

    def point(self, target: Target | None, origin: str = "") -> None:
        self.target, self.active, self.failed = target, target is not None, 0
        self._origin = origin
        self.deliveries.clear()
        self._queue.clear()

    def changed(self, before: Row | None, row: Row | None) -> None:
        """Called by who keeps the records, whenever one was made, changed or deleted."""
        target, known = self.target, row or before
        if target is None or not self.active or known is None or before == row:
            return
        if target.own_changes or not BY_THE_API.get():
            happened = Happened(int(known["id"]), before, row, next(self._numbers), self._origin)
            self.send(self._write(happened, target))

    def send(self, sent: Sent) -> None:
        told: dict[str, Any] = {"url": sent.url, "headers": dict(sent.headers), "body": sent.body.decode()}
        told |= {"statuses": [], "done": False}
        self.deliveries.append(told)
        self._queue.append((sent, told))
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._deliver())

    async def _deliver(self) -> None:
        while self._queue and self.target is not None:
            sent, told = self._queue.popleft()
            taken = await self._attempts(sent, told, self.target)
            told["done"] = True
            self.failed = 0 if taken else self.failed + 1
            if self.active and self.failed >= self.target.strikes:
                await self._give_up(self.target)

    async def _attempts(self, sent: Sent, told: dict[str, Any], target: Target) -> bool:
        for number in range(target.attempts):
            if number:
                await asyncio.sleep(target.retry_s)
            status = await _post(sent)
            told["statuses"].append(status)
            if 200 <= status < 300:
                return True
        return False

    async def _give_up(self, target: Target) -> None:
        self.active = False
        if self._stop is not None and target.stopped_url is not None:
            await _post(self._stop(target))


async def _post(sent: Sent) -> int:
    """The status; 0: there was no answer."""
    with suppress(httpx.HTTPError):
        async with httpx.AsyncClient(timeout=_LIMIT_S, trust_env=False) as client:
            return (await client.post(sent.url, headers=dict(sent.headers), content=sent.body)).status_code
    return 0
