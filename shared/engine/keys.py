"""What an Idempotency-Key stands for, where a request creates something.

Which document is created may stand in the body, so no document could tell that the same key came with another body
before, for another one. So the key is claimed first, by a small document of its own; whoever dies after it is completed
by the repeat, which has the same body.

A claim is forgotten after `KEPT`. The repeat itself is recognised for ever, by the document that it created or by its
refusal, and so is another body that names the same document: only one that names another document passes after that.
"""

import asyncio
from datetime import timedelta
from typing import Any, Final

from shared.engine.change import Meta
from shared.engine.decision import Refused, refuse
from shared.engine.leases import Leases, now_ms
from shared.engine.ports import Documents

KEYS: Final = "keys"
INDEX: Final = (KEYS, "at")
KEPT: Final = timedelta(days=120)
"""As long as a broker has to remember how far a consumer has come: nobody who repeats is later than that."""
EVERY_S: Final = 60.0
PAGE: Final = 500
LEASE_S: Final = 30.0


def key_reused() -> Refused:
    return refuse("", "IDEMPOTENCY_KEY_REUSED", "this Idempotency-Key came before with another body; use a new key")


async def claim(store: Documents, meta: Meta) -> None:
    """Claiming again changes nothing. Raises `Refused` where another body was first, and `Unavailable`."""
    if await store.insert(
        KEYS, {"_id": meta.identity, "partner_id": meta.partner_id, "body": meta.body, "at": now_ms()}
    ):
        return
    first = await store.get(KEYS, meta.identity)
    if first is not None and first["body"] != meta.body:
        raise key_reused()


class KeySweep:
    """Forgets old claims, in pages, by whoever holds the lease."""

    def __init__(self, store: Documents, leases: Leases) -> None:
        self._store, self._leases = store, leases
        self._all_dated = False

    async def step(self) -> int:
        """Answers how many were forgotten."""
        forgotten = 0
        while await self._leases.hold("keys", ttl_s=LEASE_S):
            if not self._all_dated:
                self._all_dated = await self._date() < PAGE
                continue
            oldest = now_ms() - int(KEPT.total_seconds() * 1000)
            old = await self._page({"at": {"$lt": oldest}}, sort=[("at", 1)])
            await self._store.delete_each(KEYS, [(doc["_id"], {"at": doc["at"]}) for doc in old])
            forgotten += len(old)
            if len(old) < PAGE:
                break
            await asyncio.sleep(0)
        return forgotten

    async def _date(self) -> int:
        """Claims of before they were dated count from now on; looked for once in the life of a process."""
        undated = await self._page({"at": None})
        now = {"$set": {"at": now_ms()}}
        await self._store.update_each(KEYS, [(doc["_id"], {"at": None}, now) for doc in undated])
        return len(undated)

    async def _page(self, filter: dict[str, Any], **how: Any) -> list[dict[str, Any]]:
        return await self._store.find(KEYS, filter, limit=PAGE, projection={"at": 1}, **how)
