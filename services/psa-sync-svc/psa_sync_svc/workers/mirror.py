"""Reads an integration's whole account list: into the mirror, from which the drop-down is answered, and to the links,
so that what polls and webhooks missed is found."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

import structlog

from psa_sync_svc.aggregates import INTEGRATION, MIRROR, MIRROR_ACCOUNTS
from psa_sync_svc.domain.importing import Code
from psa_sync_svc.domain.integration import Integration, living
from psa_sync_svc.domain.mirror import Mirror, Trouble, Whole, give_up, try_again, whole
from psa_sync_svc.workers.accounts import Accounts
from psa_sync_svc.workers.asking import Asking, InTrouble, now
from psa_sync_svc.workers.lease import Lease, Superseded
from psa_sync_svc.workers.linked import Linked
from psa_sync_svc.workers.noting import Noting
from psa_sync_svc.workers.reading import Reading
from psa_sync_svc.workers.settling import Settling
from shared.engine.decision import Decision
from shared.engine.engine import Engine
from shared.engine.entries import Entries, doubling, later
from shared.engine.work import Work
from shared.values.moments import stamp

_log = structlog.get_logger(__name__)
_FIRST, _MOST = timedelta(seconds=2), timedelta(minutes=10)
TRIES: Final = 5


class MirrorAccounts:
    """One integration at a time, under a lease that is prolonged with every page."""

    def __init__(self, engine: Engine, asking: Asking, *, lease_s: float, most: int, region: str | None = None) -> None:
        self._engine, self._lease_s = engine, lease_s
        self._entries, self._accounts = Entries(engine), Accounts(engine.store, region)
        self._reading = Reading(engine, asking, MIRROR_ACCOUNTS, region, most=most)
        self._linked = Linked(engine, MIRROR_ACCOUNTS, region)
        self._noting, self._settling = Noting(engine, MIRROR_ACCOUNTS), Settling(engine, MIRROR_ACCOUNTS)

    async def refresh(self, work: Work) -> None:
        found = await self._entries.find(MIRROR, work)
        mirror = found.state
        if mirror is None or not mirror.due:
            await self._entries.not_needed(work, found.rev)
            return
        lease = Lease(self._engine.jobs, work, self._lease_s)
        known = await self._engine.read(INTEGRATION, work.id)
        integration = living(known, work.partner_id)
        if integration is None:
            if known is not None and known.partner_id == work.partner_id:
                await self._accounts.remove_all(known)
            await self._settle(lease, mirror, partial(give_up, wish=mirror.wanted, trouble=None))
        elif not integration.callable_by_ourselves:
            trouble = Trouble(Code.AUTH_FAILED.value, integration.detail or "", now())
            await self._settle(lease, mirror, partial(give_up, wish=mirror.wanted, trouble=trouble))
        else:
            await self._read(lease, mirror, integration)

    async def _read(self, lease: Lease, mirror: Mirror, integration: Integration) -> None:
        id = integration.integration_id
        try:
            read = await self._reading.through(lease, integration)
        except InTrouble as trouble:
            await self._failed(lease, mirror, integration, trouble)
            return
        except Superseded:
            _log.info("account list left to its next reader", integration_id=id)
            await lease.pass_on()
            return
        gone = await self._accounts.mark_gone(integration, read.ids)
        missed = await self._linked.look_again(integration, read.ids)
        await self._noting.works(integration)
        seen = Whole(read.began_at, len(read.ids), integration.connection, read.watermark)
        await self._settle(lease, mirror, partial(whole, wish=mirror.wanted, seen=seen))
        _log.info("account list read", integration_id=id, accounts=len(read.ids), gone=gone, linked_and_missed=missed)

    async def _failed(self, lease: Lease, mirror: Mirror, integration: Integration, trouble: InTrouble) -> None:
        await self._noting.refused(integration, trouble)
        if trouble.paused:
            await lease.pass_on(later(timedelta(seconds=trouble.retry_after_s)))
            return
        told = Trouble(trouble.code.value, trouble.detail, now())
        if not trouble.passing or mirror.tries + 1 >= TRIES:
            await self._settle(lease, mirror, partial(give_up, wish=mirror.wanted, trouble=told))
            return
        due = later(max(doubling(mirror.tries + 1, _FIRST, _MOST), timedelta(seconds=trouble.retry_after_s)))
        await self._settle(lease, mirror, partial(try_again, wish=mirror.wanted, trouble=told, at=stamp(due)))

    async def _settle(self, lease: Lease, mirror: Mirror, rule: Callable[[Mirror], Decision[Mirror, object]]) -> None:
        """A reading may be due all the same, for a later wish or after a pause."""
        await self._settling.settle(lease, MIRROR, mirror, rule, again=lambda left: left.due)
