"""Reads the accounts that are to be imported: asked as often as it may help, answered once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog

from psa_sync_svc.aggregates import FETCH, IMPORT, INTEGRATION
from psa_sync_svc.domain.account import as_text
from psa_sync_svc.domain.importing import (
    Code,
    Import,
    ImportFact,
    Refusal,
    Step,
    answer,
    ask_again,
    no_account,
    refuse_import,
    unknown_integration,
)
from psa_sync_svc.domain.integration import Integration, living
from psa_sync_svc.workers.asking import STOPPED, Asking, InTrouble
from psa_sync_svc.workers.envelope import for_whom
from psa_sync_svc.workers.noting import Noting
from shared.engine.change import Change, Reads
from shared.engine.decision import Decision
from shared.engine.engine import Engine
from shared.engine.entries import Entries, doubling, later
from shared.engine.failpoints import failpoint
from shared.engine.work import Work
from shared.values.moments import stamp

_log = structlog.get_logger(__name__)
_FIRST, _MOST = timedelta(seconds=2), timedelta(minutes=2)

Rule = Callable[[Import], Decision[Import, ImportFact]]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an import waits for a PSA that is away: so many tries, and no pause longer than `pause`.

    For one of a bulk import nobody waits: it is tried longer, and a limit of the PSA's is only a pause.
    """

    tries: int = 6
    pause: timedelta = timedelta(minutes=15)
    tries_in_bulk: int = 30

    def has(self, import_: Import, trouble: InTrouble, pause: timedelta) -> bool:
        if import_.bulk_id is not None:
            return trouble.code is Code.RATE_LIMITED or import_.tries + 1 < self.tries_in_bulk
        return import_.tries + 1 < self.tries and pause <= self.pause


class Fetch:
    """One import at a time. Reading an account changes nothing in the PSA, so after a crash it is read again."""

    def __init__(self, engine: Engine, asking: Asking, patience: Patience = Patience()) -> None:
        self._engine, self._asking, self._patience = engine, asking, patience
        self._entries, self._noting = Entries(engine), Noting(engine, FETCH)

    async def fetch(self, work: Work) -> None:
        found = await self._entries.find(IMPORT, work)
        import_ = found.state
        if import_ is None or import_.status is not Step.PENDING:
            await self._entries.not_needed(work, found.rev)
            return
        known = await self._engine.read(INTEGRATION, import_.integration_id)
        integration = living(known, work.partner_id)
        if integration is None:
            await self._settle(
                work, import_, partial(refuse_import, refusal=unknown_integration(import_.integration_id))
            )
        elif not integration.callable_by_ourselves:
            await self._settle(work, import_, partial(refuse_import, refusal=Refusal(Code.AUTH_FAILED, STOPPED)))
        else:
            await self._ask(work, import_, integration)

    async def _ask(self, work: Work, import_: Import, integration: Integration) -> None:
        try:
            account = await self._asking.ask(integration, FETCH, lambda psa: psa.account(import_.account_id))
        except InTrouble as trouble:
            if await self._still_stands(work, integration):
                await self._failed(work, import_, integration, trouble)
            return
        failpoint("account-fetched")
        if not await self._still_stands(work, integration):
            return
        await self._noting.works(integration)
        if account is None:
            await self._settle(work, import_, partial(refuse_import, refusal=no_account(import_.account_id)))
        else:
            rule = partial(answer, provider=integration.provider.value, account=as_text(account))
            await self._settle(work, import_, rule)

    async def _still_stands(self, work: Work, integration: Integration) -> bool:
        """What an older address or older credentials told is no answer: whoever has the new ones is asked at once."""
        present = await self._engine.read(INTEGRATION, integration.integration_id)
        if present is not None and present.connection == integration.connection:
            return True
        await self._engine.jobs.postpone(work, later(timedelta()))
        return False

    async def _failed(self, work: Work, import_: Import, integration: Integration, trouble: InTrouble) -> None:
        """Of refused credentials the integration is told first: then nobody asks again, whoever comes in between."""
        await self._noting.refused(integration, trouble)
        pause = doubling(import_.tries + 1, _FIRST, _MOST)
        if import_.bulk_id or not trouble.paused:  # where nothing was asked its own patience counts: somebody waits
            pause = max(pause, timedelta(seconds=trouble.retry_after_s))
        if not trouble.passing or not self._patience.has(import_, trouble, pause):
            await self._settle(work, import_, partial(refuse_import, refusal=Refusal(trouble.code, trouble.detail)))
            return
        due = later(pause)
        await self._settle(work, import_, partial(ask_again, at=stamp(due)))
        await self._engine.jobs.postpone(work, due)

    async def _settle(self, work: Work, import_: Import, rule: Rule) -> None:
        def decide(known: Import | None, _reads: Reads) -> Decision[Import, ImportFact]:
            return rule(known or import_)

        change: Change[Import, ImportFact] = Change(IMPORT, work.id, decide, once=False)
        outcome = await self._engine.execute([change], for_whom(import_))
        import_ = outcome.state_of(IMPORT, work.id)
        code = import_.refusal.code.value if import_.refusal else None
        _log.info("import", integration_id=import_.integration_id, status=import_.status.value, code=code)
