"""Autotask as a `Psa`."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from psa_sync_svc.adapters.autotask.countries import Countries
from psa_sync_svc.adapters.autotask.errors import foreign
from psa_sync_svc.adapters.autotask.mapping import FIELDS, account_of, asked_since, country_of
from psa_sync_svc.adapters.autotask.query import Item, Listing, first_page, pages
from psa_sync_svc.adapters.autotask.session import Session
from psa_sync_svc.adapters.reply import Missing
from psa_sync_svc.adapters.values import number_of
from psa_sync_svc.domain.account import PsaAccount

_COMPANIES: Final = "Companies"


class AutotaskPsa:
    def __init__(self, session: Session, countries: Countries, *, overlap_s: float) -> None:
        self._session, self._countries, self._overlap_s = session, countries, overlap_s

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

    async def aclose(self) -> None:
        await self._session.aclose()

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
