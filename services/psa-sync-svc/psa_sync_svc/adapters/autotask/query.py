"""Reads an entity to its end, page by page, whatever the links of the pages say."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from psa_sync_svc.adapters.autotask.errors import PSA, foreign
from psa_sync_svc.adapters.autotask.session import Payload, Session, ZoneMoved
from psa_sync_svc.adapters.autotask.settings import PAGE_SIZE
from psa_sync_svc.adapters.links import checked_link
from psa_sync_svc.adapters.values import id_in
from psa_sync_svc.workers.psa import Permanent

Item = Mapping[str, Any]
_BEFORE_ALL: Final = -1
"""0 is the id of the MSP's own company."""


@dataclass(frozen=True)
class Listing:
    """What is asked for; `terms` beside the one on the id."""

    entity: str
    fields: Sequence[str]
    terms: tuple[Mapping[str, Any], ...] = ()
    page_size: int = PAGE_SIZE

    def body(self, after: int) -> dict[str, Any]:
        ids = {"op": "gt", "field": "id", "value": after}
        return {"MaxRecords": self.page_size, "IncludeFields": list(self.fields), "filter": [ids, *self.terms]}


async def pages(session: Session, listing: Listing) -> AsyncIterator[Sequence[Item]]:
    """In the order of ids. A tenant that moves meanwhile is read on from where it was, once."""
    last = _BEFORE_ALL
    try:
        async for page in _walk(session, listing, last):
            last = id_in(page[-1], PSA)
            yield page
    except ZoneMoved:
        async for page in _walk(session, listing, last):
            yield page


async def first_page(session: Session, listing: Listing) -> Sequence[Item]:
    path = f"{listing.entity}/query"
    return _items(await session.call(listing.entity, path, listing.body(_BEFORE_ALL)), _BEFORE_ALL)


async def _walk(session: Session, listing: Listing, last: int) -> AsyncIterator[Sequence[Item]]:
    """Each next page by the verb and with the body of the first: by another one the API answers as if there were no
    more. Its link comes from the answer, so it is checked before credentials go there."""
    zone = await session.zone()
    url: str | None = f"{zone}/{listing.entity}/query"
    body = listing.body(last)
    while url is not None:
        payload = await session.call_at(zone, listing.entity, url, body)
        items, url = _items(payload, last), _link(payload, zone)
        if items:
            last = id_in(items[-1], PSA)
            yield items
        elif url is not None:
            raise Permanent("Autotask's pages do not come to an end")


def _items(payload: Payload, last: int) -> Sequence[Item]:
    """Raises `Permanent` where ids do not rise from page to page: such a list would never end."""
    items = payload.get("items")
    if not isinstance(items, list):
        raise foreign()
    for item in items:
        number = id_in(item, PSA)
        if number <= last:
            raise Permanent("Autotask's pages do not come in the order of ids, or come twice")
        last = number
    return items


def _link(payload: Payload, zone: str) -> str | None:
    details = payload.get("pageDetails")
    link = details.get("nextPageUrl") if isinstance(details, dict) else None
    return checked_link(link, zone, PSA) if link else None
