"""Keeps one linked customer and its account in step: reads the account, and sends what has yet to go there."""

from collections.abc import Awaitable
from datetime import timedelta
from typing import TypeVar

import structlog

from psa_sync_svc.aggregates import INTEGRATION, LINK, SYNC
from psa_sync_svc.domain.account import as_text
from psa_sync_svc.domain.holding import unheld
from psa_sync_svc.domain.importing import Code
from psa_sync_svc.domain.integration import living
from psa_sync_svc.domain.link import Attempt, Link, LinkedAccount
from psa_sync_svc.handlers.change_link import showing
from psa_sync_svc.handlers.notice_account import noticing_account
from psa_sync_svc.workers.asking import STOPPED, Asking, InTrouble, now
from psa_sync_svc.workers.deciding import Deciding, Turn
from psa_sync_svc.workers.lease import Lease, Superseded
from psa_sync_svc.workers.noting import Noting
from psa_sync_svc.workers.psa import Psa
from psa_sync_svc.workers.sending import Sent, send
from shared.engine.engine import Engine
from shared.engine.entries import Entries, doubling
from shared.engine.failpoints import failpoint
from shared.engine.work import Work

T = TypeVar("T")
_log = structlog.get_logger(__name__)
_STOPPED_FIRST, _STOPPED_MOST = timedelta(seconds=5), timedelta(minutes=5)


class Sync:
    """Before every change the account is read: what somebody changed there meanwhile is not overwritten unseen, and
    what became of a call whose answer was lost is seen. So no call is ever repeated blindly."""

    def __init__(self, engine: Engine, asking: Asking, *, lease_s: float, region: str | None) -> None:
        self._engine, self._asking, self._lease_s, self._region = engine, asking, lease_s, region
        self._entries, self._deciding, self._noting = Entries(engine), Deciding(engine), Noting(engine, SYNC)

    async def sync(self, work: Work) -> None:
        found = await self._entries.find(LINK, work)
        link = found.state
        if link is None or not link.due:
            await self._entries.not_needed(work, found.rev)
            return
        lease = Lease(self._engine.jobs, work, self._lease_s)
        await self._deciding.show(work, *showing(link))
        if link.account is not None and link.call_due and not await self._call(lease, link, link.account):
            return
        await self._release(lease)

    async def _call(self, lease: Lease, link: Link, account: LinkedAccount) -> bool:
        """Whether the document says when it goes on."""
        work = lease.work
        known = await self._engine.read(INTEGRATION, account.integration_id)
        integration = living(known, work.partner_id)
        if integration is None:
            detail = f"there is no integration {account.integration_id}"
            await self._deciding.failed(lease, link, account, InTrouble(Code.UNKNOWN_INTEGRATION, detail))
        elif integration.callable_by_ourselves:
            await self._keep_in_step(Turn(lease, integration, account), link)
        elif link.trouble is not None and link.trouble.code == Code.AUTH_FAILED:
            await self._entries.again(work, doubling(work.attempts, _STOPPED_FIRST, _STOPPED_MOST))
            return False
        else:
            await self._deciding.failed(lease, link, account, InTrouble(Code.AUTH_FAILED, STOPPED))
        return True

    async def _keep_in_step(self, turn: Turn, link: Link) -> None:
        try:
            async with self._asking.open(turn.integration) as psa:
                link = await self._look(turn, psa)
                if link.to_push and link.account == turn.account:
                    await self._push(turn, link, psa)
        except InTrouble as trouble:
            if await self._still_stands(turn):
                await self._noting.refused(turn.integration, trouble, turn.lease.work.cause)
                await self._deciding.failed(turn.lease, link, turn.account, trouble)
        except Superseded:
            _log.info("left to its next worker", customer_id=turn.id)

    async def _look(self, turn: Turn, psa: Psa) -> Link:
        asked_at, id = now(), turn.account.account_id
        account = await self._within(turn, psa.account(id))
        seen = as_text(account) if account is not None else None
        noticed = noticing_account(turn.integration, turn.id, id, seen, asked_at, region=self._region, under_lease=True)
        await self._noting.works(turn.integration, turn.lease.work.cause)
        return await self._deciding.change(turn.lease.work, noticed)

    async def _push(self, turn: Turn, link: Link, psa: Psa) -> None:
        limits = await self._within(turn, psa.limits())
        if problems := unheld(link.to_push, limits):
            link = await self._deciding.hold(turn, link.to_push, problems)
        if not await turn.lease.prolong():
            raise Superseded
        link = await self._deciding.mark(turn, link.to_push)
        attempt = link.attempt
        if attempt is None or link.account != turn.account:
            return
        failpoint("push-marked")
        sent = await self._within(turn, send(psa, turn.account.account_id, attempt))
        failpoint("fields-pushed")
        await self._settle(turn, attempt, sent)

    async def _settle(self, turn: Turn, attempt: Attempt, sent: Sent) -> None:
        if sent.missing:
            gone = noticing_account(
                turn.integration, turn.id, turn.account.account_id, None, now(), region=self._region, under_lease=True
            )
            await self._deciding.change(turn.lease.work, gone)
        elif sent.refused:
            await self._deciding.refused(turn, attempt, sent.refused)
        else:
            await self._deciding.pushed(turn, attempt)
        _log.info(
            "pushed",
            customer_id=turn.id,
            fields=sorted(attempt.values),
            refused=sorted(sent.refused),
            missing=sent.missing,
        )

    async def _within(self, turn: Turn, call: Awaitable[T]) -> T:
        """A call's answer, where it is this integration's as it is now."""
        answer = await self._asking.within(turn.integration, SYNC, call)
        failpoint("psa-answered")
        if not await self._still_stands(turn):
            raise Superseded
        return answer

    async def _still_stands(self, turn: Turn) -> bool:
        present = await self._engine.read(INTEGRATION, turn.integration.integration_id)
        return present is not None and present.connection == turn.integration.connection

    async def _release(self, lease: Lease) -> None:
        """Where there is more to do, whoever comes first goes on, not before its time."""
        found = await self._entries.find(LINK, lease.work)
        link = found.state
        if link is not None and link.due:
            await lease.pass_on_at(link.due_at)
        else:
            await self._entries.not_needed(lease.work, found.rev)
