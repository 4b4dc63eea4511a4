"""Load, decide, save and retry for a batch: one load and one guarded bulk write per kind, each document on its own."""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from itertools import count, islice
from typing import Final

import structlog

from shared.engine.beside import OpenWork, Sayer
from shared.engine.change import Reads
from shared.engine.decision import Refused, no_such
from shared.engine.document import Draft
from shared.engine.drafts import Drafts
from shared.engine.errors import Unavailable
from shared.engine.failpoints import failpoint
from shared.engine.jobs import Deletion
from shared.engine.keys import key_reused
from shared.engine.ports import Documents, Write
from shared.engine.refusals import Refusals
from shared.engine.task import Key, Saved, Step, Task
from shared.engine.waiting import Alive, as_long_as, patiently, pauses

HEAVY: Final = 4 * 1024 * 1024
"""Bytes of unsaid facts at which a document is published before more is folded into it; MongoDB takes 16 MB."""

_stamps = count(time.time_ns())
_log = structlog.get_logger(__name__)


class Batch:
    """The tasks of one batch on their way through load, fold and save, in as many rounds as it takes.

    `left`, where there is such a list: the follow-ups that a sweep carries out too are put there instead of done.
    """

    def __init__(
        self, store: Documents, relay: Sayer, work: OpenWork, alive: Alive, *, left: list[Step] | None = None
    ) -> None:
        self._store, self._relay, self._work, self._alive, self._left = store, relay, work, alive, left
        self._turn = relay.begin()
        self._refusals, self._pauses = Refusals(store), pauses()
        self._queues: dict[Key, deque[Step]] = {}
        self._drafts = Drafts(store, relay)
        self._saved: dict[Key, Saved] = {}
        self._over: list[Deletion] = []

    async def run(
        self, tasks: Sequence[Task], *, before_deciding: Callable[[], Awaitable[None]] | None = None
    ) -> list[Saved]:
        """Carry the tasks out; answers what there is to publish. Raises `Abandoned` when it is no longer ours."""
        refused = [task for task in tasks if task.refused is not None]
        for task in tasks:
            if task.refused is None:
                self._enqueue(Step(task, change) for change in task.changes)
        reads = await self._first_look(tasks, before_deciding)
        for task in refused:
            self._refusals.add(task, task.refused or Refused())
        await self._rounds(reads)
        return self.to_say()

    async def _first_look(self, tasks: Sequence[Task], beside: Callable[[], Awaitable[None]] | None) -> Reads:
        look = patiently(partial(self._look, tasks), self._alive)
        if beside is None:
            return await look
        reads, _ = await asyncio.gather(look, patiently(beside, self._alive))
        return reads

    async def go_on(self, steps: Iterable[Step]) -> None:
        """Carry out what another batch left; raises as `run`."""
        self._enqueue(steps)
        await self._rounds(await patiently(self._look, self._alive))

    async def _rounds(self, reads: Reads) -> None:
        while self._queues or self._refusals.fresh:
            seen = {key: len(queue) for key, queue in self._queues.items()}
            await self._save({key: self._fold(key, reads, steps) for key, steps in seen.items()})
            self._queues = {key: queue for key, queue in self._queues.items() if queue}
            if self._queues:
                reads = await patiently(self._look, self._alive)

    def to_say(self) -> list[Saved]:
        """What it has saved so far, for its publisher: all of it after a run, some where that was given up."""
        return [*self._saved.values(), *self._refusals.to_say(self._turn)]

    async def tidy(self) -> None:
        """After the run: take away the entries of work that is not asked for any more. Nobody waits for that."""
        over, self._over = self._over, []
        if over:
            await patiently(lambda: self._work.take_away(over), self._alive)

    def _enqueue(self, steps: Iterable[Step]) -> None:
        for step in steps:
            self._queues.setdefault((step.change.kind.collection, step.change.id), deque()).append(step)

    async def _look(self, tasks: Sequence[Task] = ()) -> Reads:
        return await self._drafts.look(self._queues, self._refusals, tasks)

    def _fold(self, key: Key, reads: Reads, steps: int) -> list[Step]:
        """Decide in order, in memory; answers the steps whose decisions this document now holds. `steps`: as many stood
        here at the look; what comes meanwhile has not been read for.

        A refusal that rests on what is not saved yet has to wait for the save: it would be for ever.
        """
        draft, queue, taken = self._drafts[key], self._queues[key], []
        for step in tuple(islice(queue, steps)):
            if draft.weight >= HEAVY:
                break
            if step.task.refused is None and not self._refusals.refuses(step.task):
                if self._waits(draft, step):
                    break
                try:
                    self._decide(draft, step, reads)
                except Refused as refused:
                    if draft.dirty:
                        break
                    self._refusals.add(step.task, refused)
                    self._take_back(step)
                else:
                    taken.append(step)
            queue.popleft()
        return taken

    def _take_back(self, step: Step) -> None:
        if step.change.otherwise is not None:
            self._enqueue([Step(Task(step.task.meta, ()), step.change.otherwise, step.depth + 1)])

    def _waits(self, draft: Draft, step: Step) -> bool:
        """Whether another document's change comes first. It is asked for once, and not for a repeat."""
        first = step.change.first
        if first is not None and not step.asked and not _repeats(draft, step, step.identity):
            step.asked = step.waiting = True
            self._enqueue([Step(step.task, first, step.depth + 1, opens=step)])
        return step.waiting

    def _decide(self, draft: Draft, step: Step, reads: Reads) -> None:
        meta, change = step.task.meta, step.change
        if draft.partner_id is not None and draft.partner_id != meta.partner_id:
            raise no_such(change.kind.id_name)
        identity = step.identity if change.once else b""
        if _repeats(draft, step, identity):
            if meta.body is not None and draft.handled.another_body(identity, meta.body):
                raise key_reused()
            step.task.repeated = True
            return
        decision = change.decide(draft.state, reads)
        if change.once:
            draft.handled.note(identity, meta, lasting=change.creation, at_position=step.depth == 0)
        elif decision.state is draft.state and not decision.facts:
            return
        draft.take(decision.state, decision.facts, meta, _occasion(draft, step))

    async def _save(self, taken: dict[Key, list[Step]]) -> None:
        await patiently(self._refusals.save, self._alive)
        dirty = [self._drafts[key] for key in taken if self._drafts[key].dirty]
        try:
            failed = await self._write(dirty)
        except Unavailable as error:  # what did go through is recognised when it is decided again
            _log.warning("waiting", error=error)
            failed = {draft.key for draft in dirty}
            await self._pauses.sleep()
        self._again(taken, failed)
        for key, steps in taken.items():
            if key not in failed:
                self._note_saved(self._drafts[key])
                self._finish(key, steps)
        await self._relieve()

    async def _relieve(self) -> None:
        """Publish what grew too heavy before more is folded into it; given up, it is said by the sweep."""
        waiting = [self._drafts[key] for key, queue in self._queues.items() if queue and key in self._drafts]
        heavy = [draft for draft in waiting if draft.weight >= HEAVY]
        if not heavy:
            return
        await as_long_as(self._alive, self._relay.publish([self._saved[draft.key] for draft in heavy]))
        for draft in heavy:
            draft.drop(self._relay.confirmed(*draft.key))

    def _again(self, taken: dict[Key, list[Step]], failed: set[Key]) -> None:
        for key in failed:
            self._queues[key].extendleft(reversed(taken[key]))
            self._drafts.let_go(key)

    async def _write(self, dirty: Sequence[Draft]) -> set[Key]:
        """The guarded bulk writes, one per kind; answers the documents that another writer changed first."""
        if not dirty:
            return set()
        now_ms, by_kind = int(time.time() * 1000), defaultdict[str, list[Write]](list)
        for draft in dirty:
            by_kind[draft.kind.collection].append(Write(draft.to_save(next(_stamps), now_ms), draft.rev))
        lost = await self._work.save(dirty, list(by_kind.items()))
        failed = {(collection, id) for collection in by_kind for id in lost[collection]}
        for collection, writes in by_kind.items():
            for doc in (write.doc for write in writes):
                if (key := (collection, doc["_id"])) not in failed:
                    self._relay.cleared(*key, self._drafts[key].dropped)
                    self._drafts[key].saved(doc)
        failpoint("after-save")
        self._over += self._work.after([draft for draft in dirty if draft.key not in failed])
        self._work.lost([draft for draft in dirty if draft.key in failed])
        return failed

    def _note_saved(self, draft: Draft) -> None:
        self._saved.pop(draft.key, None)
        if draft.outbox and draft.rev is not None:
            self._saved[draft.key] = Saved(*draft.key, draft.rev, tuple(draft.outbox), self._turn)

    def _finish(self, key: Key, steps: Sequence[Step]) -> None:
        state = self._drafts[key].state
        for step in steps:
            step.task.states[key] = state
            if step.opens is not None:
                step.opens.waiting = False
            if step.change.then is not None and step.task.refused is None and state is not None:
                following = [Step(step.task, change, step.depth + 1) for change in step.change.then(state)]
                if self._left is not None and step.change.swept:
                    self._left += following
                else:
                    self._enqueue(following)


def _repeats(draft: Draft, step: Step, identity: bytes) -> bool:
    handled = draft.handled
    return step.change.once and (handled.knows(identity) or (step.depth == 0 and handled.passed(step.task.meta)))


def _occasion(draft: Draft, step: Step) -> str:
    """What tells apart the facts that one message causes in one document. A repeat may find something new to say: a
    follow-up that looks again, or a command that comes after it was forgotten. That is said of the document as it was
    found, under an id of its own; what was saved keeps its id, since it is in the outbox."""
    return f"{step.depth}@{draft.rev or 0}.{draft.version}"
