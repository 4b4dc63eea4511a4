"""How a piece of work under a lease ends: its rule is said of its document, and what is due again is passed on."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from psa_sync_svc.workers.envelope import work_meta
from psa_sync_svc.workers.lease import Lease
from shared.engine.change import Change, Kind, Reads
from shared.engine.decision import Decision
from shared.engine.engine import Engine


class Wanted(Protocol):
    """What is asked for again and again, and when next; `due_at` None: at once."""

    @property
    def due_at(self) -> str | None: ...


S = TypeVar("S", bound=Wanted)


class Settling:
    """Of one job."""

    def __init__(self, engine: Engine, job: str) -> None:
        self._engine, self._job = engine, job

    async def settle(
        self,
        lease: Lease,
        kind: Kind[S, object],
        met: S,
        rule: Callable[[S], Decision[S, object]],
        *,
        again: Callable[[S], bool],
    ) -> None:
        """`met`: what the work was begun on, where no document is left. `again`: whether what `rule` leaves is to be
        done again; then the lease does not hold it up."""

        def decide(known: S | None, _reads: Reads) -> Decision[S, object]:
            return rule(met if known is None else known)

        work = lease.work
        change: Change[S, object] = Change(kind, work.id, decide, once=False)
        outcome = await self._engine.execute([change], work_meta(work.partner_id, self._job))
        left = outcome.state_of(kind, work.id)
        if again(left):
            await lease.pass_on_at(left.due_at)
        else:
            await lease.end()
