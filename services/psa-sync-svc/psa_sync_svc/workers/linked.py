"""Tells the links of customers what a reading of accounts showed, or that one is to be read again."""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any, Final

from psa_sync_svc.aggregates import LINK, account_key
from psa_sync_svc.domain.account import PsaAccount, as_text
from psa_sync_svc.domain.integration import Integration
from psa_sync_svc.handlers.notice_account import hinting, noticing_account
from psa_sync_svc.workers.envelope import work_meta
from shared.engine.engine import Engine
from shared.engine.ports import Doc

PAGE: Final = 500
_AT_ONCE: Final = 200


class Linked:
    """Which customers are linked with an integration's accounts is looked up by the links' own index. `job`: for whom
    it is told, in the envelope. `region`: the deployment's, for national telephone numbers."""

    def __init__(self, engine: Engine, job: str, region: str | None) -> None:
        self._engine, self._job, self._region = engine, job, region

    async def anybody(self, integration: Integration) -> bool:
        return bool(await self._engine.store.find(LINK.collection, _of(integration), limit=1, projection={"_id": 1}))

    async def notice(self, integration: Integration, page: Sequence[PsaAccount], seen_at: str) -> int:
        """What the PSA shows of these accounts, not asked for before `seen_at`; answers how many are linked."""
        accounts = {_key(integration, account.account_id): account for account in page}
        if not accounts:
            return 0
        filter = {"q.account": {"$in": list(accounts)}}
        docs = await self._engine.store.find(LINK.collection, filter, projection={"q": 1})
        shown = [(doc["_id"], as_text(accounts[doc["q"]["account"]])) for doc in docs]
        await self._carry_out(
            integration,
            [
                noticing_account(integration, id, account.account_id, account, seen_at, region=self._region)
                for id, account in shown
            ],
        )
        return len(shown)

    async def look_again(self, integration: Integration, met: Collection[str]) -> int:
        """A whole list did not have these: each is read by itself, since only so it is known whether it is gone. `met`
        are the keys of those that it had."""
        missed = 0
        async for page in self._pages(integration):
            gone = {doc["_id"]: doc["q"]["account"] for doc in page if doc["q"]["account"] not in met}
            await self._carry_out(integration, [hinting(integration, id, _id_in(key)) for id, key in gone.items()])
            missed += len(gone)
        return missed

    async def _carry_out(self, integration: Integration, changes: Sequence[Any]) -> None:
        """Some at a time, so that each round is well within the time of a request."""
        for at in range(0, len(changes), _AT_ONCE):
            await self._engine.execute(changes[at : at + _AT_ONCE], work_meta(integration.partner_id, self._job))

    async def _pages(self, integration: Integration) -> AsyncIterator[list[Doc]]:
        after = ""
        while True:
            filter = _of(integration) | {"_id": {"$gt": after}}
            page = await self._engine.store.find(
                LINK.collection, filter, sort=[("_id", 1)], limit=PAGE, projection={"q": 1}
            )
            yield page
            if len(page) < PAGE:
                return
            after = page[-1]["_id"]


def _of(integration: Integration) -> dict[str, Any]:
    return {"partner_id": integration.partner_id, "q.integration": integration.integration_id}


def _key(integration: Integration, account_id: str) -> str:
    return account_key(integration.partner_id, integration.integration_id, account_id)


def _id_in(key: str) -> str:
    return key.split("|", 2)[2]
