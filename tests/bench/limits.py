"""What the store and the broker can do at all: the measure of everything else."""

import random
import time
import uuid
from collections.abc import Callable, Sequence
from itertools import count
from typing import Final

from shared.contracts.topics import ANSWERS
from shared.engine.ports import Doc, Write
from shared.store.mongo import MongoStore
from tests.bench.records import Listener, Message, Sender

BATCH: Final = 1_000
"""Of 200, 400 or 1,000 writes in a batch the store does as many a second (docs/decisions/0020)."""
LIMIT: Final = "limit"


async def fill(store: MongoStore, collection: str, docs: Sequence[Doc]) -> None:
    for at in range(0, len(docs), BATCH):
        page = docs[at : at + BATCH]
        taken = await store.save(collection, [Write(doc, None) for doc in page])
        assert not taken, "made once, under fresh ids"


Changed = Callable[[Doc, int], Doc]
"""The document as the service would save it after so many changes."""


def as_it_is(doc: Doc, _number: int) -> Doc:
    return doc


class StoreLimit:
    """Guarded bulk replaces alone, of the documents that the service saves, as it changes them, in a collection of
    their own with the same indexes."""

    def __init__(self, store: MongoStore, ids: Sequence[str], changed: Changed = as_it_is) -> None:
        self._store, self._ids, self._random = store, list(ids), random.Random(1)
        self._changed, self._numbers = changed, count(1)

    async def measure(self, writes: int) -> float:
        """Replaces per second; reading the documents is not counted."""
        spent, done = 0.0, 0
        while done < writes:
            ids = self._random.sample(self._ids, min(BATCH, len(self._ids), writes - done))
            requests = [self._replace(doc) for doc in await self._store.get_many(LIMIT, ids)]
            began = time.perf_counter()
            failed = await self._store.save(LIMIT, requests)
            spent += time.perf_counter() - began
            assert not failed
            done += len(requests)
        return done / spent

    def _replace(self, doc: Doc) -> Write:
        rev = int(doc["rev"])
        return Write({**self._changed(doc, next(self._numbers)), "rev": rev + 1, "stamp": time.time_ns()}, rev)


class RoundTrip:
    """One bare record produced and consumed."""

    def __init__(self, sender: Sender, listener: Listener) -> None:
        self._sender, self._listener = sender, listener

    async def measure(self) -> float:
        key = str(uuid.uuid4()).encode()
        began = time.perf_counter()
        await self._sender.send_one(ANSWERS, Message("", key, b"x" * 500, ()))
        await self._listener.until(key)
        return time.perf_counter() - began
