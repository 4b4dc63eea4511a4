"""The one place that loads, decides, saves and retries: the same for a batch from Kafka and for one request."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any, Final, TypeVar

import structlog

from shared.engine.apply import Batch
from shared.engine.change import Change, Kind, Meta
from shared.engine.document import state_of
from shared.engine.errors import Abandoned, EngineError, Unacceptable, Unavailable
from shared.engine.jobs import Jobs
from shared.engine.keys import claim
from shared.engine.ports import Documents
from shared.engine.relay import Relay
from shared.engine.task import Saved, Step, Task
from shared.engine.together import Together
from shared.engine.waiting import Alive

S = TypeVar("S")

REQUEST_S: Final = 10.0
"""How long a request waits for the store before it is told to come again."""

_log = structlog.get_logger(__name__)


def _too_late() -> Unavailable:
    return Unavailable("the document store did not answer in time")


@asynccontextmanager
async def _in_time(until: float) -> AsyncIterator[None]:
    """What still waits for the store then is given up: whoever asked asks again, and what nobody waits for any more
    would hold up what somebody does. Raises `Unavailable`."""
    try:
        async with asyncio.timeout(until - monotonic()):
            yield
    except (Abandoned, TimeoutError):
        raise _too_late() from None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request's changes; `repeated` where the same request had its effect before."""

    task: Task

    @property
    def repeated(self) -> bool:
        return self.task.repeated

    def state_of(self, kind: Kind[S, Any], id: str) -> S:
        """The state as saved, or as found where the request was a repeat. `KeyError` for what was not changed."""
        return self.task.states[kind.collection, id]  # type: ignore[no-any-return]


class Engine:
    """Carries changes out. Shared by the consumers, the requests and the workers of one process."""

    def __init__(self, store: Documents, relay: Relay, jobs: Jobs) -> None:
        self.store, self.relay, self.jobs = store, relay, jobs
        self._together = Together(self._go_on)

    async def apply(self, tasks: Sequence[Task], alive: Alive) -> list[Saved]:
        """A batch: waits for the store as long as `alive`; answers what there is to publish."""
        batch = Batch(self.store, self.relay, self.jobs, alive)
        saved = await batch.run(tasks)
        await batch.tidy()
        return saved

    async def execute(self, changes: Iterable[Change[Any, Any]], meta: Meta, *, limit_s: float = REQUEST_S) -> Outcome:
        """One request or one worker's step. Returns after the save; the facts are published in the background.

        What follows and is swept is awaited as long as there is time, and no reason to fail: it is on its way.
        Raises `Refused`, and `Unavailable` where the store did not answer in time: the outcome is then unknown, and
        the same request, under the same key, may be repeated.
        """
        until, task, left = monotonic() + limit_s, Task(meta, list(changes)), list[Step]()
        batch = Batch(self.store, self.relay, self.jobs, lambda: monotonic() < until, left=left)
        claims = meta.body is not None and any(change.creation for change in task.changes)
        claiming = partial(claim, self.store, meta) if claims else None
        async with self._saying(batch), _in_time(until):
            await batch.run([task], before_deciding=claiming)
        await self._tidy(batch, until)
        if left:
            await self._follow(left, until - monotonic())
        if task.refused is not None:
            raise task.refused
        return Outcome(task)

    async def execute_together(self, changes: Iterable[Change[Any, Any]], meta: Meta) -> None:
        """As `execute`, in one batch with what others carry out so at the moment: for what they would contend for."""
        task = Task(meta, list(changes))
        if not await self._together.carried_out([Step(task, change) for change in task.changes], REQUEST_S):
            raise _too_late()
        if task.refused is not None:
            raise task.refused

    async def _follow(self, steps: Sequence[Step], within_s: float) -> None:
        try:
            if await self._together.carried_out(steps, within_s):
                return
        except (EngineError, Unacceptable) as error:
            _log.warning("waiting", error=error)
        _log.info("left to the sweeps", steps=len(steps))

    async def _go_on(self, steps: Sequence[Step]) -> None:
        """Within the time of one request, whenever each of them began."""
        until = monotonic() + REQUEST_S
        batch = Batch(self.store, self.relay, self.jobs, lambda: monotonic() < until)
        async with self._saying(batch), _in_time(until):
            await batch.go_on(steps)
        await self._tidy(batch, until)

    @asynccontextmanager
    async def _saying(self, batch: Batch) -> AsyncIterator[None]:
        """What it saves is said in the background, also where time runs out before all of it is saved."""
        try:
            yield
        finally:
            self.relay.publish_soon(batch.to_say())

    async def _tidy(self, batch: Batch, until: float) -> None:
        """What was asked is saved by now: an entry of work too many is no reason to call it failed."""
        try:
            async with _in_time(until):
                await batch.tidy()
        except Exception as error:  # noqa: BLE001 - whatever it is, a sweep takes the entry away
            _log.warning("work that is over stays listed for now", error=error)

    async def read(self, kind: Kind[S, Any], id: str) -> S | None:
        """The state as saved; None: there is none. Raises `Unavailable`."""
        doc = await self.store.get(kind.collection, id)
        return state_of(kind, doc) if doc else None

    async def read_many(self, kind: Kind[S, Any], ids: Sequence[str]) -> dict[str, S]:
        """Those that there are, by their ids. Raises `Unavailable`."""
        return {doc["_id"]: state_of(kind, doc) for doc in await self.store.get_many(kind.collection, ids)}
