"""A name held by one process at a time, until it lets the time run out. A lease is no fence: a stopped holder wakes
up later, so what it guards must be harmless when done twice."""

import time
import uuid
from typing import Final

from shared.engine.ports import Documents

LEASES: Final = "leases"


def now_ms() -> int:
    return int(time.time() * 1000)


class Leases:
    """The leases of one service; `owner` is this process."""

    def __init__(self, store: Documents) -> None:
        self._store = store
        self.owner = str(uuid.uuid4())

    async def hold(self, name: str, *, ttl_s: float) -> bool:
        """Take or prolong the lease; whether it is ours for the next `ttl_s` seconds."""
        now = now_ms()
        until = now + int(ttl_s * 1000)
        held = await self._store.get(LEASES, name)
        if held is None:
            return await self._store.insert(LEASES, {"_id": name, "owner": self.owner, "until": until})
        if held["owner"] != self.owner and held["until"] > now:
            return False
        guard = {"owner": held["owner"], "until": held["until"]}
        return await self._store.update_if(LEASES, name, guard, {"$set": {"owner": self.owner, "until": until}})
