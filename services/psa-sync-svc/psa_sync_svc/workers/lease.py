"""The lease of a piece of work that takes many calls: prolonged with each, and passed on when it is not needed."""

from datetime import datetime, timedelta

from shared.engine.entries import later
from shared.engine.jobs import Jobs
from shared.engine.work import Work


class Superseded(Exception):  # noqa: N818 - read as what happened
    """Another process has the work by now, or the integration was changed while it was called."""


class Lease:
    """`work` is the entry as it is held now; only so can it be passed on before the lease has run out."""

    def __init__(self, jobs: Jobs, work: Work, lease_s: float) -> None:
        self._jobs, self.work, self._lease_s = jobs, work, lease_s

    async def prolong(self) -> bool:
        """False: another process has the work by now."""
        longer = await self._jobs.prolong(self.work, self._lease_s)
        self.work = longer or self.work
        return longer is not None

    async def end(self) -> None:
        """All is done that it was taken for."""
        await self._jobs.ended(self.work)

    async def pass_on(self, due: datetime | None = None) -> None:
        """To whoever comes first, not before `due`; does nothing where the work is another's already."""
        await self._jobs.postpone(self.work, due or later(timedelta()))

    async def pass_on_at(self, due_at: str | None) -> None:
        """The same, by what a document says; None: at once."""
        await self.pass_on(datetime.fromisoformat(due_at) if due_at else None)
