"""The only publisher of facts: says an outbox from its head, in order, waits for the confirmation, then clears it.

Clearing is folded into the document's next save; `sweep` clears what stays idle. Several processes may publish for one
document, so an older event may come again after a newer one; what this process saw confirmed it never says twice, also
where a save left it out while an older save was still to be published (`begin`).
"""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

import structlog

from shared.engine.cleared import Cleared, Turn
from shared.engine.errors import Unavailable
from shared.engine.failpoints import failpoint
from shared.engine.outbox import Entry, record
from shared.engine.parking import Parking
from shared.engine.ports import Publisher, TooLarge
from shared.engine.task import Key, Saved
from shared.engine.waiting import pauses
from shared.telemetry import metrics

_log = structlog.get_logger(__name__)

FULL: Final = 20_000
"""Documents with confirmed but uncleared facts at which clearing no longer waits for an idle moment."""


@dataclass(slots=True)
class Memory:
    """What this process knows of one document's facts: at which rev it published, when, which are confirmed, and
    whether that is all of them (`whole`)."""

    rev: int
    at: float
    whole: bool = False
    said: set[str] = field(default_factory=set)


class Relay:
    """Publishes for this process. `source` is the service's name in the envelope (`/customer-svc`)."""

    def __init__(self, publisher: Publisher, source: str, parking: Parking) -> None:
        self._publisher, self._source, self._parking = publisher, source, parking
        self._memory: dict[Key, Memory] = {}
        self._cleared = Cleared()
        self._handing: dict[str, asyncio.Future[None]] = {}
        self._flying: dict[str, asyncio.Future[None]] = {}
        self._background: set[asyncio.Task[None]] = set()
        self._said_at = 0.0

    def begin(self) -> Turn:
        """Before a document is loaded whose facts may be published: what is cleared from now on is not said for it."""
        return self._cleared.begin()

    def confirmed(self, collection: str, id: str) -> set[str]:
        memory = self._memory.get((collection, id))
        return memory.said if memory is not None else set()

    def cleared(self, collection: str, id: str, said: Iterable[str]) -> None:
        """A save left these facts out of the document."""
        said = list(said)
        self._cleared.add(said)
        if (memory := self._memory.get((collection, id))) is not None:
            memory.said.difference_update(said)
            memory.whole = False  # the save that left them out has facts of its own to say, or clears by itself
            if not memory.said:
                del self._memory[collection, id]

    def quiet(self, for_s: float) -> bool:
        """Whether nothing was said for so many seconds."""
        return monotonic() - self._said_at >= for_s

    def resting(self, for_s: float, most: int) -> list[tuple[Key, int]]:
        """Documents whose facts are all confirmed and that have been left alone; at once where there are too many."""
        until = monotonic() - (0.0 if len(self._memory) > FULL else for_s)
        found: list[tuple[Key, int]] = []
        for key, memory in self._memory.items():
            if memory.whole and memory.at <= until:
                found.append((key, memory.rev))
                if len(found) == most:
                    break
        return found

    def later(self, key: Key) -> None:
        """It could not be cleared yet: let it rest again, behind all others."""
        if (memory := self._memory.pop(key, None)) is not None:
            memory.at = monotonic()
            self._memory[key] = memory

    def forget(self, key: Key, rev: int) -> None:
        """Cleared by the sweep, unless more was said since."""
        memory = self._memory.get(key)
        if memory is not None and memory.rev <= rev:
            self._cleared.add(memory.said)
            del self._memory[key]

    @property
    def waiting(self) -> int:
        """Facts handed to the broker and not yet confirmed, and documents not yet cleared."""
        return len(self._flying) + len(self._memory)

    def publish_soon(self, saved: Sequence[Saved]) -> None:
        """Publish in the background, for one who need not wait."""
        if saved:
            task = asyncio.get_running_loop().create_task(self.publish(saved))
            self._background.add(task)
            task.add_done_callback(self._background.discard)

    async def publish(self, saved: Sequence[Saved]) -> None:
        """Returns when every fact is confirmed or parked; a broker that is away is waited for."""
        wait, left = pauses(), list(saved)
        while left:
            answers: list[asyncio.Future[None]] = []
            try:
                for document in left:
                    await self._send(document, answers)
                failpoint("after-publish")
                if answers:
                    await asyncio.wait(answers)
            except Unavailable as error:
                _log.warning("publishing waits", error=error)
            left = [document for document in left if not self._note(document)]
            if left:
                await wait.sleep()
        failpoint("before-clear")

    async def _send(self, document: Saved, answers: list[asyncio.Future[None]]) -> None:
        """Hand over the outbox from its head; what is on its way already is awaited, not sent again."""
        for entry in document.outbox:
            if (flying := await self._on_its_way(document, entry)) is not None:
                answers.append(flying)

    async def _on_its_way(self, document: Saved, entry: Entry) -> asyncio.Future[None] | None:
        """None: it was said before. A hand-over may take a while, so whoever comes meanwhile waits for its end."""
        id = entry["id"]
        while (handing := self._handing.get(id)) is not None:
            await asyncio.wait([handing])
        if id in self.confirmed(document.collection, document.id) or self._cleared.since(document.turn, id):
            return None
        flying = self._flying.get(id)
        if flying is None or (flying.done() and flying.exception() is not None):
            flying = await self._start(entry)
        return flying

    async def _start(self, entry: Entry) -> asyncio.Future[None]:
        id = entry["id"]
        handing = self._handing[id] = asyncio.get_running_loop().create_future()
        try:
            answer = await self._publisher.send(record(entry, self._source))
        except TooLarge:
            answer = self._parking.park(entry)
        finally:
            del self._handing[id]
            handing.set_result(None)
        flying = self._flying[id] = asyncio.ensure_future(self._said(entry, answer))
        return flying

    async def _said(self, entry: Entry, answer: Awaitable[None]) -> None:
        """Confirmed, or parked where the broker itself finds it too large."""
        try:
            await answer
        except TooLarge:
            await self._parking.park(entry)

    def _note(self, document: Saved) -> bool:
        """Remember what was confirmed; whether all of it is."""
        key, rev = (document.collection, document.id), document.rev
        memory = self._memory.get(key)
        if memory is None:
            if all(self._cleared.since(document.turn, entry["id"]) for entry in document.outbox):
                return True
            memory = self._memory[key] = Memory(rev, 0.0)
        for entry in document.outbox:
            flying = self._flying.get(entry["id"])
            if flying is not None and flying.done():
                failure = flying.exception()
                del self._flying[entry["id"]]
                if failure is None:
                    memory.said.add(entry["id"])
                    metrics.published(entry["topic"], entry["type"]).inc()
        whole = all(
            entry["id"] in memory.said or self._cleared.since(document.turn, entry["id"]) for entry in document.outbox
        )
        if rev >= memory.rev:
            memory.rev, memory.at, memory.whole = rev, monotonic(), whole
            self._said_at = memory.at
        return whole
