"""Asks a PSA again and again for the accounts that were changed there, sooner where changes come in."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import structlog

from psa_sync_svc.aggregates import INTEGRATION, MIRROR, POLL, WATCH
from psa_sync_svc.domain.importing import Code
from psa_sync_svc.domain.integration import Integration, living
from psa_sync_svc.domain.mirror import Mirror, Trouble
from psa_sync_svc.domain.watch import (
    Pace,
    Polled,
    Watch,
    nobody_linked,
    polled,
    rest,
    try_again,
    wait_for_list,
    wants_whole,
)
from psa_sync_svc.handlers.mirroring import wanting
from psa_sync_svc.workers.asking import Asking, InTrouble, now
from psa_sync_svc.workers.envelope import work_meta
from psa_sync_svc.workers.lease import Lease, Superseded
from psa_sync_svc.workers.linked import Linked
from psa_sync_svc.workers.noting import Noting
from psa_sync_svc.workers.reading import Read, Reading
from psa_sync_svc.workers.settling import Settling
from shared.engine.decision import Decision
from shared.engine.engine import Engine
from shared.engine.entries import Entries, doubling, later
from shared.engine.failpoints import failpoint
from shared.engine.work import Work
from shared.values.moments import stamp

_log = structlog.get_logger(__name__)
Rule = Callable[[Watch], Decision[Watch, object]]


class Poll:
    """One integration at a time, under a lease that is prolonged with every page; the watermark moves after the last.

    The whole list is another job's (`MirrorAccounts`); that it is read again every so often is seen to here.
    """

    def __init__(
        self,
        engine: Engine,
        asking: Asking,
        *,
        pace: Pace,
        reconcile_every: timedelta,
        lease_s: float,
        most: int,
        region: str | None = None,
    ) -> None:
        self._engine, self._pace, self._every, self._lease_s = engine, pace, reconcile_every, lease_s
        self._entries, self._linked = Entries(engine), Linked(engine, POLL, region)
        self._reading = Reading(engine, asking, POLL, region, most=most)
        self._noting, self._settling = Noting(engine, POLL), Settling(engine, POLL)

    async def poll(self, work: Work) -> None:
        found = await self._entries.find(WATCH, work)
        watch = found.state
        if watch is None or not watch.watching:
            await self._entries.not_needed(work, found.rev)
            return
        lease = Lease(self._engine.jobs, work, self._lease_s)
        known = await self._engine.read(INTEGRATION, watch.integration_id)
        integration = living(known, watch.partner_id)
        if integration is None:
            await self._settle(lease, watch, partial(rest, wish=watch.wanted, trouble=None))
        elif not integration.callable_by_ourselves:
            trouble = Trouble(Code.AUTH_FAILED.value, integration.detail or "", now())
            await self._settle(lease, watch, partial(rest, wish=watch.wanted, trouble=trouble))
        else:
            await self._look(lease, watch, integration)

    async def _look(self, lease: Lease, watch: Watch, integration: Integration) -> None:
        """Where nobody is linked, only what a webhook told of is looked for, and that once."""
        linked = await self._linked.anybody(integration)
        if not linked and not watch.hinted:
            await self._settle(lease, watch, partial(nobody_linked, wish=watch.wanted, at=self._soon()))
            return
        mirror = await self._engine.read(MIRROR, integration.integration_id)
        mirror = mirror or Mirror(integration.integration_id, integration.partner_id)
        if wants_whole(mirror, now=now(), every=self._every):
            await self._engine.execute([wanting(integration)], work_meta(integration.partner_id, POLL))
        since = watch.seen_until(integration.connection) or mirror.seen_until(integration.connection)
        if since is None:
            await self._settle(lease, watch, partial(wait_for_list, wish=watch.wanted, at=self._soon()))
            return
        await self._read(lease, watch, integration, since, linked=linked)

    def _soon(self) -> str:
        return stamp(later(self._pace.fastest))

    async def _read(self, lease: Lease, watch: Watch, integration: Integration, since: str, *, linked: bool) -> None:
        try:
            read = await self._reading.through(lease, integration, modified_since=since)
            read.watermark = max(since, read.watermark)
        except InTrouble as trouble:
            await self._failed(lease, watch, integration, trouble)
            return
        except Superseded:
            _log.info("poll left to the next", integration_id=integration.integration_id)
            await lease.pass_on()
            return
        failpoint("polled")
        await self._noting.works(integration)
        await self._settle(lease, watch, partial(self._polled, watch, integration, read, linked))
        _log.info(
            "polled", integration_id=integration.integration_id, accounts=len(read.ids), changed_accounts=read.changed
        )

    def _polled(
        self, watch: Watch, integration: Integration, read: Read, linked: bool, known: Watch
    ) -> Decision[Watch, object]:
        seen = Polled(
            watch.wanted, integration.connection, read.began_at, read.watermark, bool(read.changed), linked, read.took_s
        )
        return polled(known, seen, self._pace, now=now())

    async def _failed(self, lease: Lease, watch: Watch, integration: Integration, trouble: InTrouble) -> None:
        """Whatever it is, it is tried again, since nobody looks here: seldom, and refused credentials not at all."""
        told = Trouble(trouble.code.value, trouble.detail, now())
        await self._noting.refused(integration, trouble)
        if trouble.code is Code.AUTH_FAILED:
            await self._settle(lease, watch, partial(rest, wish=watch.wanted, trouble=told))
            return
        pause = (
            self._pace.slowest
            if not trouble.passing
            else doubling(watch.tries + 1, self._pace.fastest, self._pace.slowest)
        )
        due = later(max(pause, timedelta(seconds=trouble.retry_after_s)))
        await self._settle(lease, watch, partial(try_again, wish=watch.wanted, trouble=told, at=stamp(due)))

    async def _settle(self, lease: Lease, watch: Watch, rule: Rule) -> None:
        """It may be due again, at its time or for a later look."""
        await self._settling.settle(lease, WATCH, watch, rule, again=lambda left: left.watching)
