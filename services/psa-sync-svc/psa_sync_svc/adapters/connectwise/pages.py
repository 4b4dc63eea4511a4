"""Reads companies to their end, page by page, whatever the links of the pages say."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

import httpx

from psa_sync_svc.adapters.connectwise.errors import PSA, foreign
from psa_sync_svc.adapters.connectwise.session import Said, Session, Upgraded
from psa_sync_svc.adapters.connectwise.settings import PAGE_SIZE
from psa_sync_svc.adapters.links import checked_link
from psa_sync_svc.adapters.values import id_in
from psa_sync_svc.workers.psa import Permanent

Item = Mapping[str, Any]
COMPANIES: Final = "company/companies"
_BEFORE_ALL: Final = -1


async def pages(session: Session, *terms: str) -> AsyncIterator[Sequence[Item]]:
    """Of the companies that meet all `terms`, in the order of ids. Where the codebase changes meanwhile, it is read on
    from where it was, once."""
    last = _BEFORE_ALL
    try:
        async for page in _walk(session, terms, last):
            last = id_in(page[-1], PSA)
            yield page
    except Upgraded:
        async for page in _walk(session, terms, last):
            yield page


async def _walk(session: Session, terms: Sequence[str], last: int) -> AsyncIterator[Sequence[Item]]:
    """Servers that know no forward-only pages answer with numbered ones: both are ordered by id, and both name the next
    in a link. It comes from the answer, so it is checked before credentials go there."""
    api = await session.api()
    conditions = " and ".join([*terms, f"id>{last}"])
    params: dict[str, str] | None = {"conditions": conditions, "orderBy": "id asc", "pageSize": str(PAGE_SIZE)}
    url: str | None = f"{api}/{COMPANIES}"
    while url is not None:
        said = await session.call_at(api, url, params)
        items, url, params = _items(said, last), _next(said.link, api), None
        if items:
            last = id_in(items[-1], PSA)
            yield items
        elif url is not None:
            raise Permanent("ConnectWise's pages do not come to an end")


def _items(said: Said, last: int) -> Sequence[Item]:
    """Raises `Permanent` where ids do not rise from page to page: such a list would never end."""
    if not isinstance(said.payload, list):
        raise foreign()
    for item in said.payload:
        number = id_in(item, PSA)
        if number <= last:
            raise Permanent("ConnectWise's pages do not come in the order of ids, or come twice")
        last = number
    return said.payload


def _next(header: str, api: str) -> str | None:
    if not header:
        return None
    named = httpx.Response(200, headers={"Link": header}).links
    link = named.get("next", {}).get("url")
    return checked_link(link, api, PSA) if link else None
