"""ConnectWise PSA as a `Psa`."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from psa_sync_svc.adapters.connectwise.errors import foreign
from psa_sync_svc.adapters.connectwise.mapping import account_of, asked_since, is_deleted, status_of
from psa_sync_svc.adapters.connectwise.pages import COMPANIES, Item, pages
from psa_sync_svc.adapters.connectwise.session import Session
from psa_sync_svc.adapters.connectwise.settings import ConnectwiseSettings
from psa_sync_svc.adapters.connectwise.statuses import Statuses, ask
from psa_sync_svc.adapters.reply import Missing
from psa_sync_svc.adapters.values import number_of
from psa_sync_svc.domain.account import PsaAccount

_THERE: Final = "deletedFlag=false"


class ConnectwisePsa:
    def __init__(self, session: Session, statuses: Statuses, settings: ConnectwiseSettings) -> None:
        self._session, self._statuses, self._settings = session, statuses, settings

    async def check(self) -> None:
        """Companies can be read, and statuses, without which nobody knows who is inactive."""
        found = await self._session.call(COMPANIES, {"pageSize": "1"})
        if not isinstance(found.payload, list):
            raise foreign()
        await ask(self._session)

    async def account(self, account_id: str) -> PsaAccount | None:
        """A deleted company is still answered there, with a flag."""
        number = number_of(account_id)
        if number is None:
            return None
        try:
            company = (await self._session.call(f"{COMPANIES}/{number}")).payload
        except Missing:
            return None
        if not isinstance(company, dict) or company.get("id") != number:
            raise foreign()
        return None if is_deleted(company) else (await self._accounts([company]))[0]

    async def accounts(self, *, modified_since: str | None = None) -> AsyncIterator[Sequence[PsaAccount]]:
        """The inactive ones too, the deleted ones not."""
        terms = [_THERE] if modified_since is None else [_THERE, self._since(modified_since)]
        async for page in pages(self._session, *terms):
            yield await self._accounts(page)

    async def aclose(self) -> None:
        await self._session.aclose()

    def _since(self, moment: str) -> str:
        settings = self._settings
        since = asked_since(moment, settings.overlap_s, without_zone=settings.times_without_zone)
        return f"lastUpdated>={since}"

    async def _accounts(self, companies: Sequence[Item]) -> list[PsaAccount]:
        wanted = {status for company in companies if (status := status_of(company)) is not None}
        inactive = await self._statuses.inactive(self._session, wanted)
        field = self._settings.reference_field
        return [account_of(company, inactive, reference_field=field) for company in companies]
