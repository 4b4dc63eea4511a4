"""Countries: an entity with ids of the tenant's own, read whole and kept for a while."""

import asyncio
from collections.abc import Mapping, Set
from time import monotonic
from typing import Final

from psa_sync_svc.adapters.autotask.query import Listing, pages
from psa_sync_svc.adapters.autotask.session import Session
from psa_sync_svc.adapters.values import country_named

_ASK_AGAIN_S: Final = 60.0
"""At most one question in this time for ids that are not among them."""
_WRITTEN: Final = ("countryCode", "name", "displayName")


class Countries:
    def __init__(self, believed_s: float) -> None:
        self._believed_s = believed_s
        self._names: Mapping[int, str] = {}
        self._read = -believed_s
        self._lock = asyncio.Lock()

    async def names(self, session: Session, wanted: Set[int]) -> Mapping[int, str]:
        """ISO 3166 alpha-2 by id, or where Autotask has another code the name there."""
        async with self._lock:
            age = monotonic() - self._read
            unknown = not wanted <= self._names.keys()
            if wanted and (age >= self._believed_s or (unknown and age >= _ASK_AGAIN_S)):
                self._names = await _ask(session)
                self._read = monotonic()
            return self._names


async def _ask(session: Session) -> Mapping[int, str]:
    listing = Listing("Countries", ("id", *_WRITTEN))
    return {
        country["id"]: country_named(country.get(name) for name in _WRITTEN)
        async for page in pages(session, listing)
        for country in page
    }
