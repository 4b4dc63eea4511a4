"""Clears what was said, and says what another process left unsaid when it died."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from shared.engine.cleared import Turn
from shared.engine.leases import Leases
from shared.engine.outbox import Entry
from shared.engine.ports import Doc, Documents
from shared.engine.relay import Relay
from shared.engine.task import Key, Saved

PAGE: Final = 200
RESTING_S: Final = 1.0
"""Where nothing is said for this long, documents whose facts were confirmed as long ago are cleared by themselves."""

BUSY_RESTING_S: Final = 6.0
"""The same while more is said: most documents are saved again by then, and that clears them for nothing."""

LEASE_S: Final = 10.0
"""Short, since two that scan at once do no harm, and a holder that died must not keep others from it for long."""

ABANDONED_MS: Final = 15_000
"""Facts unsaid this long after their save belong to a process that died, or they are on their way."""


class Sweep:
    """`collections` are those whose documents have outboxes."""

    def __init__(self, store: Documents, relay: Relay, leases: Leases, collections: Sequence[str]) -> None:
        self._store, self._relay, self._leases, self._collections = store, relay, leases, tuple(collections)

    async def clear_resting(self) -> int:
        """Clear up to a page of documents whose facts are all said; answers how many were looked at."""
        rest_s = RESTING_S if self._relay.quiet(RESTING_S) else BUSY_RESTING_S
        resting = self._relay.resting(rest_s, PAGE)
        by_collection: dict[str, list[tuple[Key, int]]] = {}
        for key, rev in resting:
            by_collection.setdefault(key[0], []).append((key, rev))
        for collection, entries in by_collection.items():
            await self._clear(collection, entries)
        return len(resting)

    async def clear_all(self) -> None:
        """At revoke and at the end: leave nothing that this process knows to be said."""
        while resting := self._relay.resting(0.0, PAGE):
            for collection in {key[0] for key, _ in resting}:
                entries = [(key, rev) for key, rev in resting if key[0] == collection]
                await self._clear(collection, entries, at_the_end=True)

    async def _clear(self, collection: str, entries: Sequence[tuple[Key, int]], *, at_the_end: bool = False) -> None:
        updates = [(key[1], {"rev": rev}, {"$set": {"unsaid": False}, "$inc": {"rev": 1}}) for key, rev in entries]
        if await self._store.update_each(collection, updates) == len(updates):
            for key, rev in entries:
                self._relay.forget(key, rev)
        else:
            await self._settle(collection, entries, at_the_end=at_the_end)

    async def _settle(self, collection: str, entries: Sequence[tuple[Key, int]], *, at_the_end: bool) -> None:
        """Some were saved or cleared by another meanwhile, whose newer facts may stand before ours in the topic. Once
        all is said, the newest is said once more, so that compaction keeps it; until then it is looked at again.

        At the end nobody will look again: what the other has not cleared is said from its head, in order.
        """
        turn = self._relay.begin()
        found = {doc["_id"]: doc for doc in await self._store.get_many(collection, [key[1] for key, _ in entries])}
        over: list[tuple[Key, int]] = []
        again: list[Saved] = []
        for key, rev in entries:
            doc, said = found.get(key[1]), self._relay.confirmed(*key)
            if doc is not None and doc["unsaid"] and said and not at_the_end:
                self._relay.later(key)
                continue
            over.append((key, rev if doc is None else max(rev, doc["rev"])))
            if doc is not None and said and not _nothing_newer(doc, rev):
                left = doc["outbox"] if doc["unsaid"] else [e for e in doc["outbox"][-1:] if e["id"] not in said]
                again.append(_saved(collection, doc, left, turn))
        await self._relay.publish(again)
        for key, rev in over:
            self._relay.forget(key, rev)

    async def say_abandoned(self) -> int:
        """Say what stands unsaid for a while; by whoever holds the lease. Answers how many documents had something."""
        if not await self._leases.hold("outbox-sweep", ttl_s=LEASE_S):
            return 0
        said = 0
        for collection in self._collections:
            said += await self._say_in(collection)
        return said

    async def depth(self, collection: str) -> tuple[int, float]:
        """Documents with unsaid facts, and the age in seconds of the oldest."""
        oldest = await self._store.find(
            collection, {"unsaid": True}, sort=[("saved_at", 1)], limit=1, projection={"saved_at": 1}
        )
        if not oldest:
            return 0, 0.0
        age = max(0.0, time.time() - oldest[0]["saved_at"] / 1000)
        return await self._store.count(collection, {"unsaid": True}), age

    async def _say_in(self, collection: str) -> int:
        before, after, said = int(time.time() * 1000) - ABANDONED_MS, "", 0
        while True:
            turn = self._relay.begin()
            docs = await self._store.find(
                collection,
                {"_id": {"$gt": after}, "unsaid": True, "saved_at": {"$lt": before}},
                sort=[("_id", 1)],
                limit=PAGE,
            )
            await self._relay.publish([_saved(collection, doc, doc["outbox"], turn) for doc in docs])
            said += len(docs)
            if len(docs) < PAGE:
                return said
            after = docs[-1]["_id"]
            await asyncio.sleep(0)


def _nothing_newer(doc: Doc, rev: int) -> bool:
    """It was cleared as we published it, by us or by another."""
    return doc["rev"] <= rev + 1 and not doc["unsaid"]


def _saved(collection: str, doc: Doc, outbox: Sequence[Entry], turn: Turn) -> Saved:
    return Saved(collection, doc["_id"], doc["rev"], tuple(outbox), turn)
