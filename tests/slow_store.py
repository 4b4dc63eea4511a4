"""A store in memory whose calls of different processes come between each other."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from typing import Any

from shared.engine.ports import Doc, Write
from shared.store.memory import MemoryStore


class SlowStore(MemoryStore):
    """Every call waits for its turn, before it and where it answers after it too; `chance` makes a run repeatable."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance

    async def _later(self) -> None:
        for _ in range(self._chance.randrange(4)):
            await asyncio.sleep(0)

    async def get(self, collection: str, id: str) -> Doc | None:
        await self._later()
        return await super().get(collection, id)

    async def get_many(self, collection: str, ids: Sequence[str]) -> list[Doc]:
        await self._later()
        found = await super().get_many(collection, ids)
        await self._later()
        return found

    async def find(self, collection: str, filter: Mapping[str, Any], **more: Any) -> list[Doc]:
        await self._later()
        found = await super().find(collection, filter, **more)
        await self._later()
        return found

    async def save(self, collection: str, writes: Sequence[Write]) -> set[str]:
        await self._later()
        lost = await super().save(collection, writes)
        await self._later()
        return lost

    async def insert(self, collection: str, doc: Doc) -> bool:
        await self._later()
        return await super().insert(collection, doc)

    async def update_if(self, collection: str, id: str, guard: Mapping[str, Any], update: Mapping[str, Any]) -> bool:
        await self._later()
        return await super().update_if(collection, id, guard, update)

    async def delete_if(self, collection: str, id: str, guard: Mapping[str, Any]) -> bool:
        await self._later()
        return await super().delete_if(collection, id, guard)
