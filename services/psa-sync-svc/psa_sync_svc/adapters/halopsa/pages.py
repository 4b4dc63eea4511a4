"""Reads a list to its end in numbered pages, though records come and go meanwhile.

Rows come in the order of their ids, so what is deleted moves those behind it forward, and the next page by its number
would begin too late. So every page is asked for in such a size that it begins at or before the row that was read last:
if it then does not, the reading goes back.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from psa_sync_svc.adapters.halopsa.errors import PSA, foreign
from psa_sync_svc.adapters.halopsa.patience import patiently
from psa_sync_svc.adapters.halopsa.session import Session
from psa_sync_svc.adapters.values import id_in
from psa_sync_svc.workers.psa import Permanent, Transient

Item = Mapping[str, Any]
_BEFORE_ALL: Final = -1
_LEAST: Final = 20
"""Rows that a page has to have room for: with fewer, no size may fit the place."""
_MOST_IDLE: Final = 50
"""Pages in a row without anything new."""


@dataclass(frozen=True, slots=True)
class Listing:
    """`name`: what the rows are called in the answer; `params`: what is asked beside pages and order."""

    endpoint: str
    name: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """`count`: rows of the whole list."""

    rows: Sequence[Item]
    count: int


async def pages(session: Session, listing: Listing, most: int) -> AsyncIterator[Sequence[Item]]:
    """In the order of ids; `most`: rows to ask for at once, fewer where the server gives fewer. A page is empty where
    it had to wait; there may be more."""
    last, known, seen, idle = _BEFORE_ALL, 0, 0, 0
    while idle < _MOST_IDLE:
        number, size = place_of(known, most)
        start = (number - 1) * size
        async for answer in patiently(partial(ask, session, listing, number, size)):
            if not answer:
                yield ()
        [page] = answer
        idle += 1
        if start and (not page.rows or id_in(page.rows[0], PSA) > last):
            known = max(0, min(start, page.count) - most // 2)
            continue
        fresh = [row for row in page.rows if id_in(row, PSA) > last]
        end = start + len(page.rows)
        if fresh:
            last, seen, idle = id_in(fresh[-1], PSA), seen + len(fresh), 0
            yield fresh
        if end >= page.count and seen >= page.count:
            return
        if end >= page.count or (not fresh and end <= known):
            raise Transient(f"{PSA}'s list ends after {seen} of its {page.count} rows")
        known = end
        if not start and len(page.rows) < size:
            most = _fewer(len(page.rows))
    raise Transient(f"{PSA}'s list changes too much to be read")


def place_of(known: int, most: int) -> tuple[int, int]:
    """The number and the size of the page that begins the least before the last of the `known` rows, and goes on."""
    if known == 0:
        return 1, most
    last = known - 1
    size = max(range(most // 2 + 1, most + 1), key=lambda size: size - last % size)
    return last // size + 1, size


async def ask(session: Session, listing: Listing, number: int, size: int) -> Page:
    """One page. Without `pageinate` the others would be passed over, without a word."""
    asked = {"pageinate": "true", "page_no": str(number), "page_size": str(size), "order": "id"}
    told = await session.call(listing.endpoint, {**listing.params, **asked})
    rows, count = (told.get(name) for name in (listing.name, "record_count")) if isinstance(told, dict) else (None, 0)
    if not isinstance(rows, list) or not isinstance(count, int) or isinstance(count, bool):
        raise foreign()
    if len(rows) > size or told.get("page_no", number) != number:
        raise Permanent(f"{PSA} does not keep to the pages that are asked for")
    last = _BEFORE_ALL
    for row in rows:
        if (found := id_in(row, PSA)) <= last:
            raise Permanent(f"{PSA}'s pages do not come in the order of ids, or come twice")
        last = found
    return Page(rows, count)


def _fewer(rows: int) -> int:
    if rows < _LEAST:
        raise Permanent(f"{PSA} gives pages of {rows} rows, which are too few to read a list by")
    return rows
