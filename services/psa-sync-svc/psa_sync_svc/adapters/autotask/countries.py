"""Countries: an entity with ids of the tenant's own."""

from collections.abc import Mapping, Set
from typing import Any, Final

from psa_sync_svc.adapters.autotask.query import Listing, pages
from psa_sync_svc.adapters.autotask.session import Session
from psa_sync_svc.adapters.remembered import Remembered
from psa_sync_svc.adapters.values import country_named

_WRITTEN: Final = ("countryCode", "name", "displayName")
Names = Mapping[int, str]


class Countries:
    def __init__(self, believed_s: float) -> None:
        self._names: Remembered[Names] = Remembered(believed_s)

    async def names(self, session: Session, wanted: Set[int]) -> Names:
        """ISO 3166 alpha-2 by id, or where Autotask has another code the name there."""
        if not wanted:
            return {}
        return await self._names.get(lambda: _ask(session), lacks=lambda names: not wanted <= names.keys())

    async def number(self, session: Session, country: str) -> int | None:
        """The id of a country that is given as `names` gives it; of several, the first that is in use."""
        names = await self._names.get(lambda: _ask(session), lacks=lambda names: country not in names.values())
        return next((number for number, name in names.items() if name == country), None)


async def _ask(session: Session) -> Names:
    """Those in use first."""
    listing = Listing("Countries", ("id", "isActive", *_WRITTEN))
    found = [country async for page in pages(session, listing) for country in page]
    found.sort(key=lambda country: country.get("isActive") is False)
    return {country["id"]: _named(country) for country in found}


def _named(country: Mapping[str, Any]) -> str:
    return country_named(country.get(name) for name in _WRITTEN)
