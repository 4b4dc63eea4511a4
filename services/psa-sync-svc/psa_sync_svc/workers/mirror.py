"""Reads an integration's whole account list into the mirror, from which the drop-down is answered."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from psa_sync_svc.aggregates import INTEGRATION, MIRROR, MIRROR_ACCOUNTS
from psa_sync_svc.domain.importing import Code
from psa_sync_svc.domain.integration import Checked, Integration, living
from psa_sync_svc.domain.mirror import Mirror, Trouble, give_up, try_again, whole
from psa_sync_svc.handlers.change_integration import noticing
from psa_sync_svc.workers.accounts import Accounts
from psa_sync_svc.workers.asking import Asking, InTrouble, fails, now, works
from psa_sync_svc.workers.envelope import work_meta
from psa_sync_svc.workers.lease import Lease
from shared.engine.change import Change, Reads
from shared.engine.decision import Decision
from shared.engine.engine import Engine
from shared.engine.entries import Entries, doubling, later
from shared.engine.jobs import Work

_log = structlog.get_logger(__name__)
_FIRST, _MOST = timedelta(seconds=2), timedelta(minutes=10)
TRIES: Final = 5


class Superseded(Exception):  # noqa: N818 - read as what happened
    """Another process has the work by now, or the integration was changed while it was read."""


class MirrorAccounts:
    """One integration at a time, under a lease that is prolonged with every page."""

    def __init__(self, engine: Engine, asking: Asking, *, lease_s: float) -> None:
        self._engine, self._asking, self._lease_s = engine, asking, lease_s
        self._entries, self._accounts = Entries(engine), Accounts(engine.store)

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
        began, id = now(), integration.integration_id
        try:
            seen = await self._stream(lease, integration)
        except InTrouble as trouble:
            await self._failed(lease, mirror, integration, trouble)
            return
        except Superseded:
            _log.info("account list left to its next reader", integration_id=id)
            await lease.pass_on()
            return
        gone = await self._accounts.mark_gone(integration, seen)
        await self._note(integration, works(integration))
        await self._settle(lease, mirror, partial(whole, wish=mirror.wanted, began_at=began, accounts=len(seen)))
        _log.info("account list read", integration_id=id, accounts=len(seen), gone=gone)

    async def _stream(self, lease: Lease, integration: Integration) -> set[str]:
        """Page by page, each within the limit of a call; answers the ids of all documents that it met."""
        seen: set[str] = set()
        async with self._asking.open(integration) as psa:
            pages = aiter(psa.accounts())
            while (page := await self._asking.within(integration, MIRROR_ACCOUNTS, anext(pages, None))) is not None:
                await self._still_ours(lease, integration)
                seen |= await self._accounts.put(integration, page)
        return seen

    async def _still_ours(self, lease: Lease, integration: Integration) -> None:
        """Nothing of an old connection is written once there is a new one."""
        held = await lease.prolong()
        present = await self._engine.read(INTEGRATION, integration.integration_id)
        if not held or present is None or present.connection != integration.connection:
            raise Superseded

    async def _failed(self, lease: Lease, mirror: Mirror, integration: Integration, trouble: InTrouble) -> None:
        if trouble.code is Code.AUTH_FAILED:
            await self._note(integration, fails(integration, trouble))
        told = Trouble(trouble.code.value, trouble.detail, now())
        if not trouble.passing or mirror.tries + 1 >= TRIES:
            await self._settle(lease, mirror, partial(give_up, wish=mirror.wanted, trouble=told))
            return
        due = later(max(doubling(mirror.tries + 1, _FIRST, _MOST), timedelta(seconds=trouble.retry_after_s)))
        at = due.isoformat().replace("+00:00", "Z")
        await self._settle(lease, mirror, partial(try_again, wish=mirror.wanted, trouble=told, at=at))

    async def _note(self, integration: Integration, checked: Checked) -> None:
        meta = work_meta(integration.partner_id, MIRROR_ACCOUNTS)
        await self._engine.execute([noticing(integration, checked)], meta)

    async def _settle(self, lease: Lease, mirror: Mirror, rule: Callable[[Mirror], Decision[Mirror, object]]) -> None:
        """Where a reading is due all the same, for a later wish or after a pause, the lease does not hold it up."""

        def decide(known: Mirror | None, _reads: Reads) -> Decision[Mirror, object]:
            return rule(known or mirror)

        work = lease.work
        change: Change[Mirror, object] = Change(MIRROR, work.id, decide, once=False)
        outcome = await self._engine.execute([change], work_meta(work.partner_id, MIRROR_ACCOUNTS))
        left = outcome.state_of(MIRROR, work.id)
        if left.due:
            await lease.pass_on(datetime.fromisoformat(left.due_at) if left.due_at else None)
