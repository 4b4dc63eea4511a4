"""Keeps one linked customer and its account in step: reads the account, and sends what has yet to go there."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

import structlog

from psa_sync_svc.aggregates import INTEGRATION, LINK, SYNC
from psa_sync_svc.domain.account import as_text
from psa_sync_svc.domain.fields import Field, FieldValue
from psa_sync_svc.domain.holding import unheld
from psa_sync_svc.domain.importing import Code
from psa_sync_svc.domain.integration import Integration, living
from psa_sync_svc.domain.link import Attempt, Link, LinkedAccount
from psa_sync_svc.domain.link_facts import LinkFact
from psa_sync_svc.domain.mirror import Trouble
from psa_sync_svc.domain.policy import Policies
from psa_sync_svc.domain.pushing import failed, hold, mark, pushed, refused
from psa_sync_svc.handlers.change_integration import noticing
from psa_sync_svc.handlers.change_link import LinkChange, changing, showing
from psa_sync_svc.handlers.notice_account import noticing_account
from psa_sync_svc.workers.asking import Asking, InTrouble, fails, now, works
from psa_sync_svc.workers.envelope import work_meta
from psa_sync_svc.workers.lease import Lease
from psa_sync_svc.workers.psa import Psa
from psa_sync_svc.workers.sending import Sent, send
from shared.engine.change import Change
from shared.engine.decision import Decision, Problem
from shared.engine.engine import Engine
from shared.engine.entries import Entries, doubling, later
from shared.engine.failpoints import failpoint
from shared.engine.work import Work
from shared.values.moments import stamp

T = TypeVar("T")
_log = structlog.get_logger(__name__)
_FIRST: Final = timedelta(seconds=2)
_MOST: Final = timedelta(minutes=15)
"""The longest pause before a PSA that is away is asked again."""
_STOPPED_FIRST, _STOPPED_MOST = timedelta(seconds=5), timedelta(minutes=5)

Rule = Callable[[Link, Policies], Decision[Link, LinkFact]]


class Superseded(Exception):  # noqa: N818 - read as what happened
    """Another process has the work by now, or what was asked is not this integration any more."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One customer's turn: under which lease, with which integration, and with which account."""

    lease: Lease
    integration: Integration
    account: LinkedAccount

    @property
    def id(self) -> str:
        return self.lease.work.id


class Sync:
    """Before every change the account is read: what somebody changed there meanwhile is not overwritten unseen, and
    what became of a call whose answer was lost is seen. So no call is ever repeated blindly."""

    def __init__(self, engine: Engine, asking: Asking, *, lease_s: float, region: str | None) -> None:
        self._engine, self._asking, self._lease_s, self._region = engine, asking, lease_s, region
        self._entries = Entries(engine)

    async def sync(self, work: Work) -> None:
        found = await self._entries.find(LINK, work)
        link = found.state
        if link is None or not link.due:
            await self._entries.not_needed(work, found.rev)
            return
        lease = Lease(self._engine.jobs, work, self._lease_s)
        await self._execute(work, *showing(link))
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
            await self._failed(lease, link, account, InTrouble(Code.UNKNOWN_INTEGRATION, detail))
        elif integration.callable_by_ourselves:
            await self._keep_in_step(Turn(lease, integration, account), link)
        elif link.trouble is not None and link.trouble.code == Code.AUTH_FAILED:
            await self._entries.again(work, doubling(work.attempts, _STOPPED_FIRST, _STOPPED_MOST))
            return False
        else:
            await self._failed(lease, link, account, InTrouble(Code.AUTH_FAILED, _STOPPED))
        return True

    async def _keep_in_step(self, turn: Turn, link: Link) -> None:
        try:
            async with self._asking.open(turn.integration) as psa:
                link = await self._look(turn, psa)
                if link.to_push and link.account == turn.account:
                    await self._push(turn, link, psa)
        except InTrouble as trouble:
            if await self._still_stands(turn):
                if trouble.code is Code.AUTH_FAILED:
                    await self._execute(turn.lease.work, noticing(turn.integration, fails(turn.integration, trouble)))
                await self._failed(turn.lease, link, turn.account, trouble)
        except Superseded:
            _log.info("left to its next worker", customer_id=turn.id)

    async def _look(self, turn: Turn, psa: Psa) -> Link:
        asked_at, id = now(), turn.account.account_id
        account = await self._within(turn, psa.account(id))
        seen = as_text(account) if account is not None else None
        noticed = noticing_account(turn.integration, turn.id, id, seen, asked_at, region=self._region, under_lease=True)
        await self._execute(turn.lease.work, noticing(turn.integration, works(turn.integration)))
        return await self._decided(turn.lease.work, noticed)

    async def _push(self, turn: Turn, link: Link, psa: Psa) -> None:
        limits = await self._within(turn, psa.limits())
        if problems := unheld(link.to_push, limits):
            link = await self._rule(turn, partial(_holding, link.to_push, problems))
        if not await turn.lease.prolong():
            raise Superseded
        link = await self._rule(turn, partial(_marking, link.to_push))
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
            await self._decided(turn.lease.work, gone)
        elif sent.refused:
            await self._rule(turn, partial(_refusing, attempt, sent.refused))
        else:
            await self._rule(turn, partial(_pushing, attempt))
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

    async def _failed(self, lease: Lease, link: Link, account: LinkedAccount, trouble: InTrouble) -> None:
        most = _MOST if trouble.passing else timedelta(hours=1)
        pause = max(doubling(link.tries + 1, _FIRST, most), timedelta(seconds=trouble.retry_after_s))
        told = Trouble(trouble.code.value, trouble.detail, now())
        due_at = stamp(later(pause))

        def rule(known: Link, _policies: Policies) -> Decision[Link, LinkFact]:
            return failed(known, told, due_at=due_at) if known.account == account else Decision(known)

        await self._decided(
            lease.work, changing(lease.work.id, account.integration_id, rule, partner_id=lease.work.partner_id)
        )

    async def _rule(self, turn: Turn, rule: Rule) -> Link:
        """About this link only: a customer that is linked otherwise by now is left alone."""

        def of_this(known: Link, policies: Policies) -> Decision[Link, LinkFact]:
            return rule(known, policies) if known.account == turn.account else Decision(known)

        work = turn.lease.work
        return await self._decided(
            work, changing(turn.id, turn.integration.integration_id, of_this, partner_id=work.partner_id)
        )

    async def _decided(self, work: Work, change: LinkChange) -> Link:
        outcome = await self._engine.execute([change], work_meta(work.partner_id, SYNC, work.cause))
        return outcome.state_of(LINK, work.id)

    async def _execute(self, work: Work, *changes: Change[Any, Any]) -> None:
        if changes:
            await self._engine.execute(changes, work_meta(work.partner_id, SYNC, work.cause))

    async def _release(self, lease: Lease) -> None:
        """Where there is more to do, whoever comes first goes on, not before its time."""
        found = await self._entries.find(LINK, lease.work)
        link = found.state
        if link is not None and link.due:
            await lease.pass_on(datetime.fromisoformat(link.due_at) if link.due_at else None)
        else:
            await self._entries.not_needed(lease.work, found.rev)


def _marking(values: Mapping[Field, FieldValue], link: Link, _policies: Policies) -> Decision[Link, LinkFact]:
    return mark(link, values, now())


def _holding(
    values: Mapping[Field, FieldValue], problems: Mapping[Field, Problem], link: Link, policies: Policies
) -> Decision[Link, LinkFact]:
    return hold(link, values, problems, policies, now())


def _refusing(
    attempt: Attempt, problems: Mapping[Field, Problem], link: Link, policies: Policies
) -> Decision[Link, LinkFact]:
    return refused(link, attempt, problems, policies, now())


def _pushing(attempt: Attempt, link: Link, policies: Policies) -> Decision[Link, LinkFact]:
    return pushed(link, attempt, policies, now())


_STOPPED: Final = (
    "the PSA refused the integration's credentials, so it is not called until they are changed or tested again"
)
