"""Statuses of companies: the tenant's own, read whole and kept for a while, since they say who is inactive."""

from collections.abc import Mapping, Set
from typing import Final

from psa_sync_svc.adapters.connectwise.errors import PSA, foreign
from psa_sync_svc.adapters.connectwise.session import Session
from psa_sync_svc.adapters.connectwise.settings import PAGE_SIZE
from psa_sync_svc.adapters.remembered import Remembered
from psa_sync_svc.adapters.values import id_in

_PATH: Final = "company/companies/statuses"


class Statuses:
    def __init__(self, believed_s: float) -> None:
        self._inactive: Remembered[Mapping[int, bool]] = Remembered(believed_s)

    async def inactive(self, session: Session, wanted: Set[int]) -> Set[int]:
        """Those of them whose companies are inactive."""
        if not wanted:
            return set()
        known = await self._inactive.get(lambda: ask(session), lacks=lambda known: not wanted <= known.keys())
        return {number for number in wanted if known.get(number)}


async def ask(session: Session) -> Mapping[int, bool]:
    """Whether they are inactive, by id: no tenant has more of them than a page holds."""
    found = (await session.call(_PATH, {"pageSize": str(PAGE_SIZE)})).payload
    if not isinstance(found, list):
        raise foreign()
    return {id_in(status, PSA): status.get("inactiveFlag") is True for status in found}
