"""Where a fact goes that the broker finds too large: aside with an alarm, so that the others flow."""

import structlog

from shared.engine.outbox import Entry
from shared.engine.ports import Documents
from shared.telemetry import metrics

PARKED = "parked"
_log = structlog.get_logger(__name__)


class Parking:
    """Keeps what could not be published, byte for byte, for a person to look at."""

    def __init__(self, store: Documents) -> None:
        self._store = store

    async def park(self, entry: Entry) -> None:
        """Parking the same fact again changes nothing."""
        if await self._store.insert(PARKED, {"_id": entry["id"], **entry}):
            metrics.parked(entry["topic"]).inc()
            _log.error(
                "a fact is too large to publish and was parked",
                topic=entry["topic"],
                type=entry["type"],
                event_id=entry["id"],
                partner_id=entry["partner"],
                correlation_id=entry["correlation"],
                bytes=len(entry["value"]),
            )
