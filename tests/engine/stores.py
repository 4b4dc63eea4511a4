"""What may go wrong with a store's saves, in front of any store."""

from collections.abc import Sequence

from shared.engine.errors import NotAllowed, Unacceptable, Unavailable
from shared.engine.ports import Doc, Documents, Save, Write
from shared.store.memory import one_by_one


class InFront:
    """Stands in front of a store's saves: those of several collections come one by one, as one call may end between
    any two of them."""

    def __init__(self, store: Documents) -> None:
        self._save, store.save = store.save, self.save  # type: ignore[method-assign]
        store.save_each = self.save_each  # type: ignore[method-assign]

    async def save(self, collection: str, writes: Sequence[Write]) -> set[str]:
        return await self._save(collection, writes)

    async def save_each(self, saves: Sequence[Save]) -> list[set[str]]:
        return await one_by_one(self.save, saves)


class Fragile(InFront):
    """`refuse_saves`: so many fail before they write. `lose_answers`: so many fail after it, once `answers_first` were
    answered."""

    def __init__(self, store: Documents) -> None:
        super().__init__(store)
        self.lose_answers = 0
        self.answers_first = 0
        self.refuse_saves = 0

    async def save(self, collection: str, writes: Sequence[Write]) -> set[str]:
        if self.refuse_saves:
            self.refuse_saves -= 1
            raise Unavailable("away")
        failed = await self._save(collection, writes)
        if self.answers_first:
            self.answers_first -= 1
        elif self.lose_answers:
            self.lose_answers -= 1
            raise Unavailable("the answer was lost")
        return failed


class Strict(InFront):
    """A store that finds fault with some documents, as with one that is too large, and does not let us for so many
    saves."""

    def __init__(self, store: Documents) -> None:
        super().__init__(store)
        self.unacceptable: set[str] = set()
        self.not_allowed = 0

    async def save(self, collection: str, writes: Sequence[Write]) -> set[str]:
        if self.not_allowed:
            self.not_allowed -= 1
            raise NotAllowed("document store: error 13 Unauthorized")
        good = [write for write in writes if write.doc["_id"] not in self.unacceptable]
        failed = await self._save(collection, good)
        if len(good) < len(writes):
            raise Unacceptable("document store: error 10334 BSONObjectTooLarge")
        return failed


class Interfering(InFront):
    """Another writer changes documents between our load and our save, once."""

    def __init__(self, store: Documents) -> None:
        super().__init__(store)
        self._store = store
        self.interfere: list[Doc] = []

    async def save(self, collection: str, writes: Sequence[Write]) -> set[str]:
        while self.interfere:
            doc = self.interfere.pop()
            await self._store.upsert(collection, doc["_id"], doc)
        return await self._save(collection, writes)
