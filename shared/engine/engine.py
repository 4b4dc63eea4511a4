"""The one place that loads, decides, saves and retries: the same for a batch from Kafka and for one request."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final, TypeVar

from shared.engine.apply import Batch
from shared.engine.change import Change, Kind, Meta
from shared.engine.document import state_of
from shared.engine.errors import Abandoned, Unavailable
from shared.engine.jobs import Jobs
from shared.engine.keys import claim
from shared.engine.ports import Documents
from shared.engine.relay import Relay
from shared.engine.task import Saved, Task
from shared.engine.waiting import Alive, patiently

S = TypeVar("S")

REQUEST_S: Final = 10.0
"""How long a request waits for the store before it is told to come again."""


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

    async def apply(self, tasks: Sequence[Task], alive: Alive) -> list[Saved]:
        """A batch: waits for the store as long as `alive`; answers what there is to publish."""
        batch = Batch(self.store, self.relay, self.jobs, alive)
        saved = await batch.run(tasks)
        await batch.tidy()
        return saved

    async def execute(self, changes: Iterable[Change[Any, Any]], meta: Meta, *, limit_s: float = REQUEST_S) -> Outcome:
        """One request or one worker's step. Returns after the save; the facts are published in the background.

        Raises `Refused`, and `Unavailable` where the store did not answer in time: the outcome is then unknown, and
        the same request, under the same key, may be repeated.
        """
        until = monotonic() + limit_s
        task = Task(meta, list(changes))

        def in_time() -> bool:
            return monotonic() < until

        try:
            if meta.body is not None and any(change.creation for change in task.changes):
                await patiently(lambda: claim(self.store, meta), in_time)
            batch = Batch(self.store, self.relay, self.jobs, in_time)
            self.relay.publish_soon(await batch.run([task]))
            await batch.tidy()
        except Abandoned:
            raise Unavailable("the document store did not answer in time") from None
        if task.refused is not None:
            raise task.refused
        return Outcome(task)

    async def read(self, kind: Kind[S, Any], id: str) -> S | None:
        doc = await self.store.get(kind.collection, id)
        return state_of(kind, doc) if doc else None

    async def read_many(self, kind: Kind[S, Any], ids: Sequence[str]) -> dict[str, S]:
        return {doc["_id"]: state_of(kind, doc) for doc in await self.store.get_many(kind.collection, ids)}
