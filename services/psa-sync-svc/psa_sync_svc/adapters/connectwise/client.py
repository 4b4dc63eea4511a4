"""ConnectWise PSA as a `Psa`."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from psa_sync_svc.adapters.connectwise.countries import Countries
from psa_sync_svc.adapters.connectwise.errors import PSA, Refusal, foreign
from psa_sync_svc.adapters.connectwise.mapping import account_of, asked_since, is_deleted, status_of
from psa_sync_svc.adapters.connectwise.pages import COMPANIES, Item, pages
from psa_sync_svc.adapters.connectwise.phones import dialled, undialled
from psa_sync_svc.adapters.connectwise.searching import looked_for
from psa_sync_svc.adapters.connectwise.session import Session
from psa_sync_svc.adapters.connectwise.settings import PAGE_SIZE, ConnectwiseSettings
from psa_sync_svc.adapters.connectwise.statuses import Statuses, ask
from psa_sync_svc.adapters.connectwise.updating import explained, limits_of, operations
from psa_sync_svc.adapters.parts import country_in
from psa_sync_svc.adapters.values import number_of, searched
from psa_sync_svc.adapters.writing import no_account, no_country, unclear
from psa_sync_svc.domain.account import PsaAccount
from psa_sync_svc.domain.fields import Field, FieldValue
from psa_sync_svc.domain.holding import FieldLimits
from psa_sync_svc.workers.psa import Missing

_THERE: Final = "deletedFlag=false"


class ConnectwisePsa:
    def __init__(
        self, session: Session, statuses: Statuses, countries: Countries, settings: ConnectwiseSettings
    ) -> None:
        self._session, self._statuses, self._countries, self._settings = session, statuses, countries, settings

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

    async def search(self, text: str, limit: int) -> Sequence[PsaAccount]:
        """By POST: an address has no room for long conditions."""
        looked = looked_for(searched(text), "name", self._settings.reference_field)
        if looked is None:
            return ()
        size = {"pageSize": str(min(max(limit, 1), PAGE_SIZE) if looked.exact else PAGE_SIZE)}
        asked = {"conditions": f"{_THERE} and {looked.conditions}", "orderBy": "id asc"}
        companies = (await self._session.call(f"{COMPANIES}/search", size, asked)).payload
        if not isinstance(companies, list):
            raise foreign()
        return looked.among(await self._accounts(companies))[:limit]

    async def limits(self) -> FieldLimits:
        return limits_of(self._settings)

    async def update(self, account_id: str, values: Mapping[Field, FieldValue]) -> None:
        """A company that is flagged as deleted takes changes, which then are nobody's."""
        number, field = number_of(account_id), self._settings.reference_field
        if number is None:
            raise no_account(PSA, account_id)
        if not values:
            return
        written = dialled(values, self._settings.phone_prefix)
        patch = operations(written, await self._country(country_in(values)), reference_field=field)
        try:
            company = await self._session.change(f"{COMPANIES}/{number}", patch)
        except Missing as error:
            raise no_account(PSA, account_id) from error
        except Refusal as refusal:
            raise explained(refusal, values, reference_field=field) from refusal
        if not isinstance(company, dict) or company.get("id") != number:
            raise unclear(PSA, "another record")
        if is_deleted(company):
            raise no_account(PSA, account_id)

    async def aclose(self) -> None:
        await self._session.aclose()

    def _since(self, moment: str) -> str:
        settings = self._settings
        since = asked_since(moment, settings.overlap_s, without_zone=settings.times_without_zone)
        return f"lastUpdated>={since}"

    async def _country(self, country: str | None) -> int | None:
        if country is None:
            return None
        number = await self._countries.number(self._session, country)
        if number is None:
            raise no_country(PSA, country)
        return number

    async def _accounts(self, companies: Sequence[Item]) -> list[PsaAccount]:
        wanted = {status for company in companies if (status := status_of(company)) is not None}
        inactive = await self._statuses.inactive(self._session, wanted)
        field, prefix = self._settings.reference_field, self._settings.phone_prefix
        return [undialled(account_of(each, inactive, reference_field=field), prefix) for each in companies]
