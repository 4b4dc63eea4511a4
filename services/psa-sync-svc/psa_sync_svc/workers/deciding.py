"""What a turn of syncing found out, decided on the link as it is by then."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from psa_sync_svc.aggregates import LINK, SYNC
from psa_sync_svc.domain import pushing
from psa_sync_svc.domain.fields import Field, FieldValue
from psa_sync_svc.domain.integration import Integration
from psa_sync_svc.domain.link import Attempt, Link, LinkedAccount
from psa_sync_svc.domain.link_facts import LinkFact
from psa_sync_svc.domain.mirror import Trouble
from psa_sync_svc.domain.policy import Policies
from psa_sync_svc.handlers.change_link import LinkChange, changing
from psa_sync_svc.workers.asking import InTrouble, now
from psa_sync_svc.workers.envelope import work_meta
from psa_sync_svc.workers.lease import Lease
from shared.engine.change import Change
from shared.engine.decision import Decision, Problem
from shared.engine.engine import Engine
from shared.engine.entries import doubling, later
from shared.engine.work import Work
from shared.values.moments import stamp

_FIRST: Final = timedelta(seconds=2)
_MOST: Final = timedelta(minutes=15)
"""The longest pause before a PSA that is away is asked again."""

Rule = Callable[[Link, Policies], Decision[Link, LinkFact]]


@dataclass(frozen=True, slots=True)
class Turn:
    """One customer's turn: under which lease, with which integration, and with which account."""

    lease: Lease
    integration: Integration
    account: LinkedAccount

    @property
    def id(self) -> str:
        return self.lease.work.id


class Deciding:
    """Each answers the link as it is saved then."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def mark(self, turn: Turn, values: Mapping[Field, FieldValue]) -> Link:
        return await self._rule(turn, lambda link, _policies: pushing.mark(link, values, now()))

    async def hold(self, turn: Turn, values: Mapping[Field, FieldValue], problems: Mapping[Field, Problem]) -> Link:
        return await self._rule(turn, lambda link, policies: pushing.hold(link, values, problems, policies, now()))

    async def refused(self, turn: Turn, attempt: Attempt, problems: Mapping[Field, Problem]) -> Link:
        return await self._rule(turn, lambda link, policies: pushing.refused(link, attempt, problems, policies, now()))

    async def pushed(self, turn: Turn, attempt: Attempt) -> Link:
        return await self._rule(turn, lambda link, policies: pushing.pushed(link, attempt, policies, now()))

    async def failed(self, lease: Lease, link: Link, account: LinkedAccount, trouble: InTrouble) -> None:
        most = _MOST if trouble.passing else timedelta(hours=1)
        pause = max(doubling(link.tries + 1, _FIRST, most), timedelta(seconds=trouble.retry_after_s))
        told = Trouble(trouble.code.value, trouble.detail, now())
        due_at = stamp(later(pause))
        await self._about(
            lease.work,
            account.integration_id,
            account,
            lambda known, _policies: pushing.failed(known, told, due_at=due_at),
        )

    async def change(self, work: Work, change: LinkChange) -> Link:
        outcome = await self._engine.execute([change], work_meta(work.partner_id, SYNC, work.cause))
        return outcome.state_of(LINK, work.id)

    async def show(self, work: Work, *changes: Change[Any, Any]) -> None:
        if changes:
            await self._engine.execute(changes, work_meta(work.partner_id, SYNC, work.cause))

    async def _rule(self, turn: Turn, rule: Rule) -> Link:
        return await self._about(turn.lease.work, turn.integration.integration_id, turn.account, rule)

    async def _about(self, work: Work, integration_id: str, account: LinkedAccount, rule: Rule) -> Link:
        """Of this account only: a customer that is linked otherwise by now is left alone."""

        def of_this(known: Link, policies: Policies) -> Decision[Link, LinkFact]:
            return rule(known, policies) if known.account == account else Decision(known)

        return await self.change(work, changing(work.id, integration_id, of_this, partner_id=work.partner_id))
