"""All clients, page by page, each with its main site: sites are listed beside them, as one request for each would use
up what the tenant may ask."""

from collections.abc import AsyncIterator, Mapping, Sequence, Set
from typing import Final

from psa_sync_svc.adapters.halopsa.errors import PSA, no_rights
from psa_sync_svc.adapters.halopsa.mapping import client_is_whole, main_site_of, site_is_whole
from psa_sync_svc.adapters.halopsa.pages import Item, pages
from psa_sync_svc.adapters.halopsa.records import CLIENT, CLIENTS, SITE, SITES, record
from psa_sync_svc.adapters.halopsa.session import Session
from psa_sync_svc.adapters.halopsa.settings import HalopsaSettings
from psa_sync_svc.adapters.values import id_in

Pair = tuple[Item, Item | None]
_AT_ONCE: Final = 3
"""Pages of sites, or clients whose rows do not tell enough, that are read between two answers: each answer has to come
within the time of a call."""


class Lists:
    """For one reading. Sites come in the order of their own ids, which mostly is that of their clients: those that were
    read and whose clients were not wait for them."""

    def __init__(self, session: Session, settings: HalopsaSettings) -> None:
        self._session, self._settings = session, settings
        self._sites = pages(session, SITES, settings.page_size)
        self._waiting: dict[int, Item] = {}
        self._saw_sites = False

    async def read(self) -> AsyncIterator[Sequence[Pair]]:
        """Raises `Permanent` where there are none at all: that is how missing rights look."""
        last = None
        async for page in pages(self._session, CLIENTS, self._settings.page_size):
            if last is None:
                await self._more()
            last = id_in(page[-1], PSA)
            for part in self._parts(page):
                clients = [found for row in part if (found := await self._client(row)) is not None]
                wanted = {number for client in clients if (number := main_site_of(client)) is not None}
                async for _ in self._read_on(wanted):
                    yield ()
                sites = await self._main_sites(wanted)
                yield [(client, sites.get(main_site_of(client) or 0)) for client in clients]
            self._waiting = {number: site for number, site in self._waiting.items() if _is_after(site, last)}
        if last is None:
            raise no_rights()

    def _parts(self, page: Sequence[Item]) -> Sequence[Sequence[Item]]:
        """Few at a time where each has to be asked for by itself."""
        slim = not all(client_is_whole(row, self._settings) for row in page)
        slim = slim or not all(site_is_whole(row) for row in self._waiting.values())
        size = _AT_ONCE if slim else len(page)
        return [page[at : at + size] for at in range(0, len(page), size)]

    async def _client(self, row: Item) -> Item | None:
        """None: it is gone since the page was read."""
        if client_is_whole(row, self._settings):
            return row
        return await record(self._session, CLIENT, id_in(row, PSA))

    async def _read_on(self, wanted: Set[int]) -> AsyncIterator[None]:
        """Pages of sites until those are among them, or there are no more. Answers after every few."""
        read = 0
        while not wanted <= self._waiting.keys() and await self._more():
            read += 1
            if read % _AT_ONCE == 0:
                yield

    async def _more(self) -> bool:
        """Whether there was another page of sites."""
        page = await anext(self._sites, None)
        if page is not None:
            self._waiting |= {id_in(site, PSA): site for site in page}
            self._saw_sites = True
        elif not self._saw_sites:
            raise no_rights()
        return page is not None

    async def _main_sites(self, wanted: Set[int]) -> Mapping[int, Item]:
        """By their ids. One that was not listed is asked for: it may have been made since."""
        found = {number: await self._site(number) for number in wanted}
        return {number: site for number, site in found.items() if site is not None}

    async def _site(self, number: int) -> Item | None:
        row = self._waiting.get(number)
        return row if row is not None and site_is_whole(row) else await record(self._session, SITE, number)


def _is_after(site: Item, last: int) -> bool:
    """Whether the client is yet to come. The vendor's description has that id as a number with a point."""
    client = site.get("client_id")
    return not isinstance(client, int | float) or client > last
