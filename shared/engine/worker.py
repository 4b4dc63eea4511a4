"""Claims open work of one job and does it, several at once, woken when this process adds some and otherwise by time."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import structlog

from shared.engine.change import Cause, Meta
from shared.engine.errors import EngineError
from shared.engine.jobs import Jobs
from shared.engine.slow import Slow
from shared.engine.work import Work

_log = structlog.get_logger(__name__)

Do = Callable[[Work], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Pace:
    """How a job is worked on: leases and pauses in seconds, how many at once, and how many of one partner.

    `straight`: what this process asks for is begun as soon as it is saved, whosoever it is, under a lease from before.
    `slow_s`: what lasts longer takes none of these places, and whatever is about the same gets only those beside them,
    one for each and `slow_at_once` for all. So nothing that is stuck holds up others, however much of it there is.
    None: work is not told apart.
    """

    lease_s: float
    every_s: float = 5.0
    at_once: int = 16
    of_one_partner: int = 16
    straight: bool = False
    slow_s: float | None = None
    slow_at_once: int = 64


class Worker:
    """Whatever goes wrong with one piece of work is told, and the work comes again when its lease has run out."""

    def __init__(self, jobs: Jobs, job: str, do: Do, pace: Pace) -> None:
        self._jobs, self.job, self._do, self._pace = jobs, job, do, pace
        self._running: dict[asyncio.Task[None], Work] = {}
        self._slow = Slow(pace.slow_s)
        self._passed_over = False
        self._loop: asyncio.Task[None] | None = None

    def serve(self) -> None:
        """Take work straight from the saves of this process, where the pace says so."""
        if self._pace.straight:
            self._jobs.handing.serve(self.job, self)

    def start(self) -> None:
        self.serve()
        self._loop = asyncio.get_running_loop().create_task(self._run(), name=f"worker {self.job}")

    async def stop(self, grace_s: float) -> None:
        """Claim nothing more; what is under way may end within the grace, the rest is another's after its lease."""
        self._jobs.handing.serve_no_more(self.job)
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
        if self._running:
            await asyncio.wait(self._running, timeout=grace_s)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    @property
    def ended(self) -> bool:
        return self._loop is not None and self._loop.done()

    @property
    def lease_s(self) -> float:
        return self._pace.lease_s

    def room(self) -> int:
        self._clear()
        return max(0, self._pace.at_once - len(self._prompt()))

    def take(self, work: Work) -> None:
        self._running[asyncio.get_running_loop().create_task(self._guarded(work))] = work

    async def step(self) -> int:
        """Claim what there is room for and begin it; answers how much was claimed.

        Partners that have their share already are passed over, so that however much they have, others get theirs.
        """
        self._clear()
        await self._jobs.give_back_unused(self.job)
        claimed = await self._claim_slow()
        room = self.room()
        if room <= 0:
            return claimed
        per_partner = Counter(work.partner_id for work in self._prompt())
        crowded = [partner_id for partner_id, number in per_partner.items() if number >= self._pace.of_one_partner]
        found = await self._jobs.claim(
            self.job, room, self._pace.lease_s, passing_over=crowded, not_about=self._slow.known
        )
        self._passed_over = bool(crowded)
        for work in found:
            if per_partner[work.partner_id] >= self._pace.of_one_partner:
                self._passed_over = True
                await self._jobs.give_back(work)
                continue
            per_partner[work.partner_id] += 1
            self.take(work)
        return claimed + len(found)

    async def _claim_slow(self) -> int:
        """One for each of those that are known to be slow, as far as there are places beside the others'."""
        known = self._slow.known
        busy = {work.about for work in self._running.values() if work.about in known}
        room = self._pace.slow_at_once - sum(work.about in known for work in self._running.values())
        resting = known - busy
        if not resting or room <= 0:
            return 0
        found = await self._jobs.claim(self.job, room, self._pace.lease_s, about=resting)
        for work in found:
            if work.about in busy:
                await self._jobs.give_back(work)
                continue
            busy.add(work.about)
            self.take(work)
        return len(found)

    def _prompt(self) -> list[Work]:
        """What takes the places that all share."""
        self._slow.look()
        return [work for work in self._running.values() if work.about not in self._slow.known]

    async def drain(self) -> None:
        """Do all that is due now, and wait for its end: for tests, and whoever needs it done."""
        while await self.step() or self._running:
            if self._running:
                await asyncio.wait(self._running)
                self._clear()

    async def _run(self) -> None:
        wake = self._jobs.wake(self.job)
        while True:
            wake.clear()
            room = self.room()
            try:
                claimed = await self.step()
            except EngineError as error:
                _log.warning("waiting", worker=self.job, error=error)
                claimed = 0
            except Exception:  # noqa: BLE001 - a look that fails must not be the worker's last
                _log.exception("looking for work failed", worker=self.job)
                claimed = 0
            await (self._until_room() if room <= claimed else _woken(wake, self._pace.every_s))

    async def _until_room(self) -> None:
        """There is more to do: begin it when half the places are free, so that one look-up finds several."""
        while self.room() < self._pace.at_once - self._pace.at_once // 2:
            await asyncio.wait(self._running, timeout=self._pace.slow_s, return_when=asyncio.FIRST_COMPLETED)
            self._clear()

    def _clear(self) -> None:
        for task in [task for task in self._running if task.done()]:
            del self._running[task]

    async def _guarded(self, work: Work) -> None:
        """In a task, and so in a context, of its own: every line of it names the partner and the chain."""
        structlog.contextvars.bind_contextvars(partner_id=work.partner_id)
        if work.cause is not None:
            structlog.contextvars.bind_contextvars(correlation_id=work.cause.correlation_id)
        with self._slow.timing(work.about):
            await self._done(work)
        if self._passed_over:  # there may be more of the partner whose place is free now
            self._jobs.wake(self.job).set()

    async def _done(self, work: Work) -> None:
        try:
            await self._do(work)
            await self._jobs.ended(work)
        except EngineError as error:
            _log.warning("left for later", worker=self.job, id=work.id, error=error)
        except Exception:  # noqa: BLE001 - one piece of work must not end the worker
            _log.exception("work failed", worker=self.job, id=work.id)


async def _woken(wake: asyncio.Event, at_the_latest_s: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(wake.wait(), at_the_latest_s)


def work_meta(service: str, partner_id: str, job: str, cause: Cause | None = None) -> Meta:
    """The envelope of one step of a worker: like no other, since its decisions recognise repeats themselves.

    `cause` is the work's: what comes of it belongs to the same chain.
    """
    id = str(uuid4())
    cause = cause or Cause(id, id, None)
    return Meta(
        partner_id,
        f"/{service}/{job}",
        id,
        f"work {job}",
        datetime.now(UTC),
        f"service:{service}",
        cause.correlation_id,
        cause.traceparent,
        causation_id=cause.causation_id,
    )
