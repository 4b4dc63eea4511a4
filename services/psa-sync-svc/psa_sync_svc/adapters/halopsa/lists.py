"""All clients, page by page, each with its main site: sites are listed beside them, as one request for each would use
up what the tenant may ask."""

from collections.abc import AsyncIterator, Sequence, Set
from functools import partial
from typing import Final

from psa_sync_svc.adapters.halopsa.errors import PSA, no_rights
from psa_sync_svc.adapters.halopsa.mapping import client_is_whole, main_site_of, site_is_whole
from psa_sync_svc.adapters.halopsa.pages import Item, pages
from psa_sync_svc.adapters.halopsa.patience import patiently
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
        """Empty where it takes long. Raises `Permanent` where there are none at all, as for an agent without rights."""
        last = None
        async for page in pages(self._session, CLIENTS, self._settings.page_size):
            if not page:
                yield ()
                continue
            if last is None:
                async for _ in self._read_first_sites():
                    yield ()
            last = id_in(page[-1], PSA)
            for part in self._parts(page):
                async for pairs in self._pairs(part):
                    yield pairs
            self._waiting = {number: site for number, site in self._waiting.items() if _is_after(site, last)}
        if last is None:
            raise no_rights()

    def _parts(self, page: Sequence[Item]) -> Sequence[Sequence[Item]]:
        """Few at a time where each has to be asked for by itself."""
        slim = not all(client_is_whole(row, self._settings) for row in page)
        slim = slim or not all(site_is_whole(row) for row in self._waiting.values())
        size = _AT_ONCE if slim else len(page)
        return [page[at : at + size] for at in range(0, len(page), size)]

    async def _pairs(self, rows: Sequence[Item]) -> AsyncIterator[Sequence[Pair]]:
        """In the end those of the rows: all of them but the clients that are gone since. Nothing before where it
        takes long."""
        clients = {id_in(row, PSA): row for row in rows if client_is_whole(row, self._settings)}
        async for _ in self._ask_for(CLIENT, [id_in(row, PSA) for row in rows], clients):
            yield ()
        present = [clients[number] for number in sorted(clients)]
        wanted = {number for client in present if (number := main_site_of(client)) is not None}
        async for _ in self._read_on(wanted):
            yield ()
        listed = self._waiting
        sites = {number: listed[number] for number in wanted & listed.keys() if site_is_whole(listed[number])}
        async for _ in self._ask_for(SITE, sorted(wanted), sites):
            yield ()
        yield [(client, sites.get(main_site_of(client) or 0)) for client in present]

    async def _ask_for(self, endpoint: str, numbers: Sequence[int], found: dict[int, Item]) -> AsyncIterator[None]:
        """Those that are not yet among `found`, each by itself: its row does not tell enough, or was not listed."""
        for number in numbers:
            if number in found:
                continue
            async for answer in patiently(partial(record, self._session, endpoint, number)):
                for whole in answer:
                    if whole is not None:
                        found[number] = whole
                if not answer:
                    yield

    async def _read_first_sites(self) -> AsyncIterator[None]:
        while not self._saw_sites:
            if not await self._more():
                yield

    async def _read_on(self, wanted: Set[int]) -> AsyncIterator[None]:
        """Until those are among the sites, or there are no more."""
        read = 0
        while not wanted <= self._waiting.keys() and (page := await self._more()) is not None:
            read += len(page) > 0
            if not page or read % _AT_ONCE == 0:
                yield

    async def _more(self) -> Sequence[Item] | None:
        """Another page of sites, None: there is none."""
        page = await anext(self._sites, None)
        if page is None and not self._saw_sites:
            raise no_rights()
        self._waiting |= {id_in(site, PSA): site for site in page or ()}
        self._saw_sites = self._saw_sites or bool(page)
        return page


def _is_after(site: Item, last: int) -> bool:
    """Whether the client is yet to come. The vendor's description has that id as a number with a point."""
    client = site.get("client_id")
    return not isinstance(client, int | float) or client > last
