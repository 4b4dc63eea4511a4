"""Countries: an entity with ids of the tenant's own, read whole and kept for a while."""

import asyncio
from collections.abc import Mapping, Set
from time import monotonic
from typing import Any, Final

from psa_sync_svc.adapters.autotask.query import Listing, pages
from psa_sync_svc.adapters.autotask.session import Session
from shared.values.country import country_code
from shared.values.errors import InvalidValue

_ASK_AGAIN_S: Final = 60.0
"""At most one question in this time for ids that are not among them."""
_FIELDS: Final = ("id", "name", "displayName", "countryCode")


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
    listing = Listing("Countries", _FIELDS)
    return {country["id"]: _named(country) async for page in pages(session, listing) for country in page}


def _named(country: Mapping[str, Any]) -> str:
    written = [country.get(name) for name in ("countryCode", "name", "displayName")]
    texts = [text.strip() for text in written if isinstance(text, str) and text.strip()]
    for text in texts:
        try:
            return country_code(text)
        except InvalidValue:
            continue
    return texts[-1] if texts else ""
