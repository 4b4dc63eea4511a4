"""The deliveries of webhooks that were taken, so that the same one, sent again by whomever, has no effect."""

from datetime import datetime, timedelta
from typing import Final

from shared.engine import leases
from shared.engine.ports import Documents

DELIVERIES: Final = "deliveries"
PAGE: Final = 500
FORGET_EVERY_S: Final = 60.0


class Deliveries:
    """A document each, known for a while. One that is dated may not be older than that."""

    def __init__(self, store: Documents, kept: timedelta) -> None:
        self._store, self._kept = store, kept

    async def knows(self, key: str, sent_at: str | None) -> bool:
        """Also of one that is too old to be told from those that were forgotten."""
        if sent_at is not None and datetime.fromisoformat(sent_at).timestamp() * 1000 < self._oldest_ms():
            return True
        return await self._store.get(DELIVERIES, key) is not None

    async def note(self, key: str) -> None:
        await self._store.insert(DELIVERIES, {"_id": key, "at": leases.now_ms()})

    async def forget_old(self) -> int:
        """A page; answers how many were forgotten."""
        filter = {"at": {"$lt": self._oldest_ms()}}
        old = await self._store.find(DELIVERIES, filter, sort=[("at", 1)], limit=PAGE, projection={"_id": 1})
        for doc in old:
            await self._store.delete_if(DELIVERIES, doc["_id"], {})
        return len(old)

    def _oldest_ms(self) -> int:
        return leases.now_ms() - int(self._kept.total_seconds() * 1000)
