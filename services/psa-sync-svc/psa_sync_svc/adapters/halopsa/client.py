"""HaloPSA as a `Psa`."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from psa_sync_svc.adapters.halopsa.errors import PSA, Refusal
from psa_sync_svc.adapters.halopsa.lists import Lists
from psa_sync_svc.adapters.halopsa.mapping import account_of
from psa_sync_svc.adapters.halopsa.pages import Item, Listing, ask
from psa_sync_svc.adapters.halopsa.records import CLIENT, CLIENTS, SITE, SITES, main_site, record, require_some
from psa_sync_svc.adapters.halopsa.session import Session
from psa_sync_svc.adapters.halopsa.settings import HalopsaSettings
from psa_sync_svc.adapters.halopsa.updating import (
    AT_THE_SITE,
    client_of,
    explained,
    half_made,
    kept,
    limits_of,
    site_of,
    without_site,
)
from psa_sync_svc.adapters.values import earlier, number_of, searched
from psa_sync_svc.adapters.writing import no_account, unclear
from psa_sync_svc.domain.account import PsaAccount
from psa_sync_svc.domain.fields import Field, FieldValue
from psa_sync_svc.domain.holding import FieldLimits
from psa_sync_svc.workers.psa import Missing, Permanent, Transient


class HalopsaPsa:
    def __init__(self, session: Session, settings: HalopsaSettings) -> None:
        self._session, self._settings = session, settings

    async def check(self) -> None:
        """The credentials are taken now, and clients and sites can be seen."""
        await self._session.log_in_afresh()
        await require_some(self._session, CLIENTS)
        await require_some(self._session, SITES)

    async def account(self, account_id: str) -> PsaAccount | None:
        number = number_of(account_id)
        client = None if number is None else await record(self._session, CLIENT, number)
        if client is None:
            return None
        return account_of(client, await main_site(self._session, client), self._settings)

    async def accounts(self, *, modified_since: str | None = None) -> AsyncIterator[Sequence[PsaAccount]]:
        """The inactive ones too. What the filters by time mean there is not known, so all are read, and those that say
        that they were not changed left out. Pages are empty where it waits for the limit, too."""
        since = None if modified_since is None else earlier(modified_since, self._settings.overlap_s)
        async for page in Lists(self._session, self._settings).read():
            found = [account_of(client, site, self._settings) for client, site in page]
            yield found if since is None else [account for account in found if _was_changed(account, since)]

    async def search(self, text: str, limit: int) -> Sequence[PsaAccount]:
        """One request, and one for the site of each that is found: nothing lists the sites of several clients. Whether
        the vendor looks at references too is not known."""
        wanted = searched(text)
        if not wanted:
            return ()
        found = Listing(CLIENT, "clients", {**CLIENTS.params, "search": wanted})
        page = await ask(self._session, found, 1, min(max(limit, 1), self._settings.page_size))
        clients = page.rows[:limit]
        sites = await asyncio.gather(*(main_site(self._session, client) for client in clients))
        return [account_of(client, site, self._settings) for client, site in zip(clients, sites, strict=True)]

    async def limits(self) -> FieldLimits:
        return limits_of(self._settings)

    async def update(self, account_id: str, values: Mapping[Field, FieldValue]) -> None:
        """The client is read first, since a change of one that there is not might make it. Then one request for what
        the client has and one for what its main site has, so that between them half may be made: as both say what is
        to be, they can be said again."""
        number = number_of(account_id)
        if number is None:
            raise no_account(PSA, account_id)
        if not values:
            return
        client = await self._known(number)
        at_client = client_of(number, values, self._settings)
        at_site = await self._at_site(client, values)
        if at_client is not None:
            await self._write(CLIENT, at_client, number, values)
        if at_site is not None:
            try:
                await self._write(SITE, at_site, number, values)
            except Transient as error:
                raise error if at_client is None else half_made(error) from error

    async def aclose(self) -> None:
        await self._session.aclose()

    async def _known(self, number: int) -> Item:
        client = await record(self._session, CLIENT, number)
        if client is None:
            raise no_account(PSA, str(number))
        return client

    async def _at_site(self, client: Item, values: Mapping[Field, FieldValue]) -> dict[str, Any] | None:
        if not AT_THE_SITE & values.keys():
            return None
        site = await main_site(self._session, client)
        if site is None:
            raise without_site(values)
        return site_of(site, values, self._settings)

    async def _write(
        self, endpoint: str, entry: Mapping[str, Any], number: int, values: Mapping[Field, FieldValue]
    ) -> None:
        """How it is told that the client is gone meanwhile is not known, so after a refusal it is looked for."""
        try:
            answer = await self._session.change(endpoint, [entry])
        except Missing as error:
            await self._known(number)
            raise Permanent(error.detail) from error
        except Refusal as refusal:
            await self._known(number)
            raise explained(refusal, values, self._settings) from refusal
        if not kept(answer, entry, self._settings):
            raise unclear(PSA, "another record")


def _was_changed(account: PsaAccount, since: datetime) -> bool:
    """One that does not say when may have been."""
    return account.modified_at is None or datetime.fromisoformat(account.modified_at) >= since
