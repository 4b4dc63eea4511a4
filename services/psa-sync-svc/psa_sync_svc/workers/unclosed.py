"""Looks for imports that were answered and that nobody ends: customer-svc is away, or has put their answer aside."""

from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from psa_sync_svc.aggregates import IMPORT
from shared.contracts.topics import CUSTOMER_SVC, PSA, dead_letters
from shared.engine.document import state_of
from shared.engine.engine import Engine
from shared.engine.leases import Leases
from shared.telemetry import metrics
from shared.values.moments import stamp

EVERY_S: Final = 60.0
LATE: Final = timedelta(minutes=5)
"""An import is ended within a second; what waits longer waits for a person."""

_LEASE_S: Final = 2 * EVERY_S
_ASIDE: Final = dead_letters(PSA, CUSTOMER_SVC).name
_log = structlog.get_logger(__name__)


class Unclosed:
    """Every instance counts them, and whoever holds the lease tells of them, the oldest by name."""

    def __init__(self, engine: Engine, leases: Leases) -> None:
        self._engine, self._leases = engine, leases

    async def step(self) -> int:
        """Answers how many there are."""
        before = stamp(datetime.now(UTC) - LATE)
        late = {"q.answered": {"$lt": before}}
        number = await self._engine.store.count(IMPORT.collection, late)
        metrics.imports_unclosed().set(number)
        if number and await self._leases.hold("unclosed-imports", ttl_s=_LEASE_S):
            found = await self._engine.store.find(IMPORT.collection, late, sort=[("q.answered", 1)], limit=1)
            for import_ in (state_of(IMPORT, doc) for doc in found):
                _log.warning(
                    "imports wait for customer-svc: is it away, or are their answers among its dead letters?",
                    imports=number,
                    dead_letters=_ASIDE,
                    partner_id=import_.partner_id,
                    request_id=import_.request_id,
                    since=import_.updated_at,
                )
        return number
