"""The same store in memory, for tests of a service: it runs the suite that the real store runs."""

import copy
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from shared.engine.errors import Unacceptable
from shared.engine.ports import Doc, Save, Wanted, Write
from shared.store.matching import NUMBER, at, matches, value_at

_MISSING: Final = object()


def _apply(doc: Doc, update: Mapping[str, Any]) -> None:
    for field, value in update.get("$set", {}).items():
        _place(doc, field)[field.rsplit(".", 1)[-1]] = value
    for field in update.get("$unset", {}):
        _place(doc, field).pop(field.rsplit(".", 1)[-1], None)
    for field, step in update.get("$inc", {}).items():
        place, name = _place(doc, field), field.rsplit(".", 1)[-1]
        if not isinstance(place.get(name, 0), NUMBER):
            raise Unacceptable("document store: a write failed")
        place[name] = place.get(name, 0) + step


def _place(doc: Doc, path: str) -> Doc:
    for part in path.split(".")[:-1]:
        doc = doc.setdefault(part, {})
    return doc


def _projected(doc: Doc, paths: Sequence[str]) -> Doc:
    found: Doc = {}
    for path in paths:
        for value in at(doc, path.split(".")):
            _place(found, path)[path.rsplit(".", 1)[-1]] = value
    return found


async def one_by_one(
    save: Callable[[str, Sequence[Write]], Awaitable[set[str]]], saves: Sequence[Save]
) -> list[set[str]]:
    """`save_each`, made of `save`."""
    answers: list[set[str]] = []
    for collection, writes in saves:
        answers.append(await save(collection, writes))
        if answers[-1]:
            break
    return answers


class MemoryStore:
    """Documents in a dictionary; every answer is a copy, as from a server."""

    def __init__(self) -> None:
        self._collections: defaultdict[str, dict[str, Doc]] = defaultdict(dict)

    async def ping(self) -> None:
        return None

    def close(self) -> None:
        return None

    async def declare_index(self, collection: str, *fields: str) -> None:
        del collection, fields

    async def get(self, collection: str, id: str) -> Doc | None:
        return copy.deepcopy(self._collections[collection].get(id))

    async def get_many(self, collection: str, ids: Sequence[str]) -> list[Doc]:
        docs = self._collections[collection]
        return [copy.deepcopy(docs[id]) for id in dict.fromkeys(ids) if id in docs]

    async def get_each(self, wanted: Sequence[Wanted]) -> list[list[Doc]]:
        return [await self.get_many(collection, ids) for collection, ids in wanted]

    async def find(
        self,
        collection: str,
        filter: Mapping[str, Any],
        *,
        sort: Sequence[tuple[str, int]] = (),
        limit: int = 0,
        projection: Mapping[str, int] | None = None,
    ) -> list[Doc]:
        found = [doc for doc in self._collections[collection].values() if matches(doc, filter)]
        for field, direction in reversed(list(sort)):
            found.sort(key=lambda doc: _sortable(value_at(doc, field)), reverse=direction < 0)
        found = found[:limit] if limit else found
        if projection:
            found = [_projected(doc, ("_id", *projection)) for doc in found]
        return copy.deepcopy(found)

    async def count(self, collection: str, filter: Mapping[str, Any]) -> int:
        return sum(matches(doc, filter) for doc in self._collections[collection].values())

    async def save(self, collection: str, writes: Sequence[Write]) -> set[str]:
        return {write.doc["_id"] for write in writes if not self._write(collection, write)}

    async def save_each(self, saves: Sequence[Save]) -> list[set[str]]:
        return await one_by_one(self.save, saves)

    def _write(self, collection: str, write: Write) -> bool:
        docs = self._collections[collection]
        have = docs.get(write.doc["_id"])
        if (have.get("rev", _MISSING) if have else None) != write.rev:
            return False
        docs[write.doc["_id"]] = copy.deepcopy(write.doc)
        return True

    async def insert(self, collection: str, doc: Doc) -> bool:
        if doc["_id"] in self._collections[collection]:
            return False
        self._collections[collection][doc["_id"]] = copy.deepcopy(doc)
        return True

    async def replace_if(self, collection: str, id: str, guard: Mapping[str, Any], doc: Doc) -> bool:
        have = self._collections[collection].get(id)
        if have is None or not matches(have, guard):
            return False
        self._collections[collection][id] = {**copy.deepcopy(doc), "_id": id}
        return True

    async def update_if(self, collection: str, id: str, guard: Mapping[str, Any], update: Mapping[str, Any]) -> bool:
        have = self._collections[collection].get(id)
        if have is None or not matches(have, guard):
            return False
        updated = copy.deepcopy(have)
        _apply(updated, copy.deepcopy(update))
        self._collections[collection][id] = updated
        return True

    async def update_each(
        self, collection: str, updates: Sequence[tuple[str, Mapping[str, Any], Mapping[str, Any]]]
    ) -> int:
        made, failed = 0, None
        for id, guard, update in updates:
            try:
                made += await self.update_if(collection, id, guard, update)
            except Unacceptable as error:
                failed = error
        if failed is not None:
            raise failed
        return made

    async def upsert(self, collection: str, id: str, doc: Doc) -> None:
        self._collections[collection][id] = {**copy.deepcopy(doc), "_id": id}

    async def delete_if(self, collection: str, id: str, guard: Mapping[str, Any]) -> bool:
        have = self._collections[collection].get(id)
        if have is None or not matches(have, guard):
            return False
        del self._collections[collection][id]
        return True

    async def delete_each(self, collection: str, deletions: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        for id, guard in deletions:
            await self.delete_if(collection, id, guard)


def _sortable(value: Any) -> tuple[int, Any]:
    """None sorts before every value, as in MongoDB."""
    return (0, 0) if value is None else (1, value)
