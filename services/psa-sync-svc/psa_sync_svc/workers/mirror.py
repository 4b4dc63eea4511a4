"""Reads an integration's whole account list into the mirror, from which the drop-down is answered."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

import structlog

from psa_sync_svc.aggregates import INTEGRATION, MIRROR, MIRROR_ACCOUNTS
from psa_sync_svc.domain.importing import Code
from psa_sync_svc.domain.integration import Integration, living
from psa_sync_svc.domain.mirror import Mirror, Trouble, give_up, try_again, whole
from psa_sync_svc.handlers.change_integration import noticing
from psa_sync_svc.workers.accounts import Accounts
from psa_sync_svc.workers.asking import Asking, InTrouble, fails, now, works
from psa_sync_svc.workers.envelope import work_meta
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
        known = await self._engine.read(INTEGRATION, work.id)
        integration = living(known, work.partner_id)
        if integration is None:
            if known is not None and known.partner_id == work.partner_id:
                await self._accounts.remove_all(known)
            await self._settle(work, mirror, partial(give_up, wish=mirror.wanted, trouble=None))
        elif not integration.callable_by_ourselves:
            trouble = Trouble(Code.AUTH_FAILED.value, integration.detail or "", now())
            await self._settle(work, mirror, partial(give_up, wish=mirror.wanted, trouble=trouble))
        else:
            await self._read(work, mirror, integration)

    async def _read(self, work: Work, mirror: Mirror, integration: Integration) -> None:
        began = now()
        try:
            seen = await self._stream(work, integration)
        except InTrouble as trouble:
            await self._failed(work, mirror, integration, trouble)
            return
        except Superseded:
            _log.info("account list left to its next reader", integration_id=work.id)
            return
        gone = await self._accounts.mark_gone(integration, seen)
        await self._engine.execute(
            [noticing(integration, works(integration))], work_meta(work.partner_id, MIRROR_ACCOUNTS)
        )
        await self._settle(work, mirror, partial(whole, wish=mirror.wanted, began_at=began, accounts=len(seen)))
        _log.info("account list read", integration_id=work.id, accounts=len(seen), gone=gone)

    async def _stream(self, work: Work, integration: Integration) -> set[str]:
        """Page by page, each within the limit of a call; answers the ids of all documents that it met."""
        seen: set[str] = set()
        async with self._asking.open(integration) as psa:
            pages = aiter(psa.accounts())
            while (page := await self._asking.within(integration, MIRROR_ACCOUNTS, anext(pages, None))) is not None:
                work = await self._still_ours(work, integration)
                seen |= await self._accounts.put(integration, page)
        return seen

    async def _still_ours(self, work: Work, integration: Integration) -> Work:
        """Nothing of an old connection is written once there is a new one."""
        longer = await self._engine.jobs.prolong(work, self._lease_s)
        present = await self._engine.read(INTEGRATION, work.id)
        if longer is None or present is None or present.connection != integration.connection:
            raise Superseded
        return longer

    async def _failed(self, work: Work, mirror: Mirror, integration: Integration, trouble: InTrouble) -> None:
        if trouble.code is Code.AUTH_FAILED:
            note = noticing(integration, fails(integration, trouble))
            await self._engine.execute([note], work_meta(work.partner_id, MIRROR_ACCOUNTS))
        told = Trouble(trouble.code.value, trouble.detail, now())
        if not trouble.passing or mirror.tries + 1 >= TRIES:
            await self._settle(work, mirror, partial(give_up, wish=mirror.wanted, trouble=told))
            return
        due = later(max(doubling(mirror.tries + 1, _FIRST, _MOST), timedelta(seconds=trouble.retry_after_s)))
        await self._settle(work, mirror, partial(try_again, trouble=told, at=due.isoformat().replace("+00:00", "Z")))
        await self._engine.jobs.postpone(work, due)

    async def _settle(self, work: Work, mirror: Mirror, rule: Callable[[Mirror], Decision[Mirror, object]]) -> None:
        def decide(known: Mirror | None, _reads: Reads) -> Decision[Mirror, object]:
            return rule(known or mirror)

        change: Change[Mirror, object] = Change(MIRROR, work.id, decide, once=False)
        await self._engine.execute([change], work_meta(work.partner_id, MIRROR_ACCOUNTS))
