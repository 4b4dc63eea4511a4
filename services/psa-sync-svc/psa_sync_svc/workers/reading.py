"""Reads an integration's accounts to the last page, whole or what has changed: linked customers are told of each page,
then our copy has it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

from psa_sync_svc.aggregates import INTEGRATION
from psa_sync_svc.domain.account import PsaAccount
from psa_sync_svc.domain.importing import Code
from psa_sync_svc.domain.integration import Integration
from psa_sync_svc.domain.watch import newest_of, safe_watermark
from psa_sync_svc.workers.accounts import Accounts
from psa_sync_svc.workers.asking import Asking, InTrouble, now
from psa_sync_svc.workers.lease import Lease, Superseded
from psa_sync_svc.workers.linked import Linked
from psa_sync_svc.workers.psa import Psa
from shared.engine.engine import Engine


@dataclass(slots=True)
class Read:
    """What a reading met. `ids`: of the documents of our copy; `changed`: how many of them were not so before."""

    began_at: str
    watermark: str = ""
    ids: set[str] = field(default_factory=set)
    changed: int = 0
    linked: int = 0
    took_s: float = 0.0


class Reading:
    """Under a lease that is prolonged with every page. A page that was told and not yet kept is told again by the next
    reading: links know what they were told. What is told is as old as the reading's beginning, since nobody knows when
    a client asked for a row that it answers late: a link that knows better looks by itself."""

    def __init__(self, engine: Engine, asking: Asking, job: str, region: str | None, *, most: int) -> None:
        """`most`: accounts in one reading; beyond them a list is taken for one without an end."""
        self._engine, self._asking, self._job, self._most = engine, asking, job, most
        self._accounts, self._linked = Accounts(engine.store, region), Linked(engine, job, region)

    async def through(self, lease: Lease, integration: Integration, *, modified_since: str | None = None) -> Read:
        """Raises `InTrouble`, and `Superseded` before anything of an old connection is told or kept."""
        read, began, newest = Read(now()), monotonic(), None
        async with self._asking.open(integration) as psa:
            async for page in self._pages(psa, integration, modified_since):
                await self._still_ours(lease, integration)
                if not page:  # the client waits, and says that it is still there
                    continue
                read.linked += await self._linked.notice(integration, page, read.began_at)
                kept = await self._accounts.put(integration, page)
                read.ids |= kept.ids
                read.changed += kept.changed
                newest = newest_of([newest, *(account.modified_at for account in page)], now=now())
        read.took_s = monotonic() - began
        took = timedelta(seconds=read.took_s)
        read.watermark = safe_watermark(newest, began_at=read.began_at, took=took)
        return read

    async def _pages(
        self, psa: Psa, integration: Integration, modified_since: str | None
    ) -> AsyncIterator[Sequence[PsaAccount]]:
        """A page without accounts counts as one account, since they may have no end either."""
        pages, met = aiter(psa.accounts(modified_since=modified_since)), 0
        while True:
            page = await self._asking.within(integration, self._job, anext(pages, None))
            if page is None:
                return
            met += max(1, len(page))
            if met > self._most:
                raise InTrouble(Code.INVALID, f"the PSA lists more than {self._most:,} accounts, or without an end")
            yield page

    async def _still_ours(self, lease: Lease, integration: Integration) -> None:
        held = await lease.prolong()
        present = await self._engine.read(INTEGRATION, integration.integration_id)
        if not held or present is None or present.connection != integration.connection:
            raise Superseded
