"""Statuses of companies: the tenant's own, read whole and kept for a while, since they say who is inactive."""

import asyncio
from collections.abc import Mapping, Set
from time import monotonic
from typing import Final

from psa_sync_svc.adapters.connectwise.errors import PSA, foreign
from psa_sync_svc.adapters.connectwise.session import Session
from psa_sync_svc.adapters.connectwise.settings import PAGE_SIZE
from psa_sync_svc.adapters.values import id_in

_ASK_AGAIN_S: Final = 60.0
"""At most one question in this time for ids that are not among them."""
_PATH: Final = "company/companies/statuses"


class Statuses:
    def __init__(self, believed_s: float) -> None:
        self._believed_s = believed_s
        self._inactive: Mapping[int, bool] = {}
        self._read = -believed_s
        self._lock = asyncio.Lock()

    async def inactive(self, session: Session, wanted: Set[int]) -> Set[int]:
        """Those of them whose companies are inactive."""
        async with self._lock:
            age = monotonic() - self._read
            unknown = not wanted <= self._inactive.keys()
            if wanted and (age >= self._believed_s or (unknown and age >= _ASK_AGAIN_S)):
                self._inactive = await ask(session)
                self._read = monotonic()
            return {number for number in wanted if self._inactive.get(number)}


async def ask(session: Session) -> Mapping[int, bool]:
    """Whether they are inactive, by id: no tenant has more of them than a page holds."""
    found = (await session.call(_PATH, {"pageSize": str(PAGE_SIZE)})).payload
    if not isinstance(found, list):
        raise foreign()
    return {id_in(status, PSA): status.get("inactiveFlag") is True for status in found}
