"""Autotask as a `Psa`."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from psa_sync_svc.adapters.autotask.company_fields import CompanyFields, ask
from psa_sync_svc.adapters.autotask.countries import Countries
from psa_sync_svc.adapters.autotask.errors import PSA, Refusal, foreign
from psa_sync_svc.adapters.autotask.mapping import FIELDS, account_of, asked_since, country_of
from psa_sync_svc.adapters.autotask.query import Item, Listing, first_page, pages
from psa_sync_svc.adapters.autotask.session import Session
from psa_sync_svc.adapters.autotask.settings import PAGE_SIZE
from psa_sync_svc.adapters.autotask.updating import body_of, explained
from psa_sync_svc.adapters.parts import country_in
from psa_sync_svc.adapters.remembered import Remembered
from psa_sync_svc.adapters.values import number_of, searched
from psa_sync_svc.adapters.writing import no_account, no_country, unclear
from psa_sync_svc.domain.account import PsaAccount
from psa_sync_svc.domain.fields import Field, FieldValue
from psa_sync_svc.domain.holding import FieldLimits
from psa_sync_svc.workers.psa import Missing

_COMPANIES: Final = "Companies"
_SEARCHED: Final = ("companyName", "companyNumber")


class AutotaskPsa:
    def __init__(
        self, session: Session, countries: Countries, fields: Remembered[CompanyFields], *, overlap_s: float
    ) -> None:
        self._session, self._countries, self._fields, self._overlap_s = session, countries, fields, overlap_s

    async def check(self) -> None:
        """Companies can be read, and countries, without which no address can be taken over."""
        await first_page(self._session, Listing(_COMPANIES, ("id",), page_size=1))
        await first_page(self._session, Listing("Countries", ("id",), page_size=1))

    async def account(self, account_id: str) -> PsaAccount | None:
        number = number_of(account_id)
        if number is None:
            return None
        item = await self._company(number)
        return None if item is None else (await self._accounts([item]))[0]

    async def accounts(self, *, modified_since: str | None = None) -> AsyncIterator[Sequence[PsaAccount]]:
        """The inactive ones too. A company that was never changed has only the time of its creation."""
        terms = () if modified_since is None else (self._since(modified_since),)
        async for page in pages(self._session, Listing(_COMPANIES, FIELDS, terms)):
            yield await self._accounts(page)

    async def search(self, text: str, limit: int) -> Sequence[PsaAccount]:
        wanted = searched(text)
        if not wanted:
            return ()
        terms = [{"op": "contains", "field": name, "value": wanted} for name in _SEARCHED]
        size = min(max(limit, 1), PAGE_SIZE)
        found = Listing(_COMPANIES, FIELDS, ({"op": "or", "items": terms},), page_size=size)
        return await self._accounts(await first_page(self._session, found))

    async def limits(self) -> FieldLimits:
        return (await self._told()).limits

    async def update(self, account_id: str, values: Mapping[Field, FieldValue]) -> None:
        """The country has to be looked up, and so has what a refusal means: it may be that the company is gone."""
        number = number_of(account_id)
        if number is None:
            raise no_account(PSA, account_id)
        if not values:
            return
        body = body_of(number, values, await self._country(country_in(values)))
        try:
            said = await self._session.change(_COMPANIES, _COMPANIES, body)
        except Refusal as refusal:
            if await self._company(number) is None:
                raise no_account(PSA, account_id) from refusal
            raise explained(refusal, values, (await self._told()).names) from refusal
        if said.get("itemId") != number:
            raise unclear(PSA, "another id")

    async def aclose(self) -> None:
        await self._session.aclose()

    async def _told(self) -> CompanyFields:
        return await self._fields.get(lambda: ask(self._session))

    async def _country(self, country: str | None) -> int | None:
        if country is None:
            return None
        number = await self._countries.number(self._session, country)
        if number is None:
            raise no_country(PSA, country)
        return number

    async def _company(self, number: int) -> Item | None:
        """What is not there is answered with a null, or by some versions with 404."""
        try:
            found = await self._session.call(_COMPANIES, f"{_COMPANIES}/{number}")
        except Missing:
            return None
        item = found.get("item", found)
        if item is None:
            return None
        if not isinstance(item, dict) or item.get("id") != number:
            raise foreign()
        return item

    def _since(self, moment: str) -> dict[str, Any]:
        since = asked_since(moment, self._overlap_s)
        stamps = ("lastTrackedModifiedDateTime", "createDate")
        return {"op": "or", "items": [{"op": "gte", "field": stamp, "value": since} for stamp in stamps]}

    async def _accounts(self, companies: Sequence[Item]) -> list[PsaAccount]:
        wanted = {country for company in companies if (country := country_of(company)) is not None}
        countries = await self._countries.names(self._session, wanted)
        return [account_of(company, countries) for company in companies]
