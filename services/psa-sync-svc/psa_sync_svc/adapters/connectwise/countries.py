"""Countries: references with ids of the tenant's own."""

from collections.abc import Mapping
from typing import Final

from psa_sync_svc.adapters.connectwise.errors import PSA, foreign
from psa_sync_svc.adapters.connectwise.session import Session
from psa_sync_svc.adapters.connectwise.settings import PAGE_SIZE
from psa_sync_svc.adapters.remembered import Remembered
from psa_sync_svc.adapters.values import country_named, id_in

_PATH: Final = "company/countries"
_WRITTEN: Final = ("countryCode", "name")
Ids = Mapping[str, int]


class Countries:
    def __init__(self, believed_s: float) -> None:
        self._ids: Remembered[Ids] = Remembered(believed_s)

    async def number(self, session: Session, country: str) -> int | None:
        """The id of a country that is given by ISO 3166 alpha-2, or by its name there where that is none of ISO's."""
        ids = await self._ids.get(lambda: _ask(session), lacks=lambda ids: country not in ids)
        return ids.get(country)


async def _ask(session: Session) -> Ids:
    """No tenant has more of them than a page holds. Of two with one code, the first counts."""
    found = (await session.call(_PATH, {"pageSize": str(PAGE_SIZE)})).payload
    if not isinstance(found, list):
        raise foreign()
    ids: dict[str, int] = {}
    for country in found:
        number = id_in(country, PSA)
        ids.setdefault(country_named(country.get(name) for name in _WRITTEN), number)
    return ids
