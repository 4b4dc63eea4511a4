"""Answers that do not fit into one message, which the driver carries on, and a document that is too large."""

import uuid
from contextlib import closing
from typing import Any

import pytest

from embedded.stack import Stack
from shared.engine.errors import Unacceptable
from shared.store.mongo import MongoStore

pytestmark = pytest.mark.embedded


class Cut:
    """A database that answers a `find` with a part of what it found, as one does after 16 MB."""

    def __init__(self, database: Any) -> None:
        self._database = database

    @property
    def delegate(self) -> Any:
        return CutAtOnce(self._database.delegate)

    async def command(self, *_: Any, **__: Any) -> dict[str, Any]:
        return PART

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def __getitem__(self, collection: str) -> Any:
        return self._database[collection]


class CutAtOnce(Cut):
    """The same one, without a loop."""

    def command(self, *_: Any, **__: Any) -> Any:
        return PART


PART = {"cursor": {"id": 7, "firstBatch": [{"_id": "a"}]}, "ok": 1.0}


async def test_what_is_left_of_an_answer_is_read_too(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(MongoStore(stack.mongodb_uri, f"store_{uuid.uuid4().hex[:8]}")) as store:
        for id in "abc":
            await store.insert("things", {"_id": id, "n": 1})
        monkeypatch.setattr(store, "_database", Cut(store._database))

        assert sorted(doc["_id"] for doc in await store.get_many("things", ["a", "b", "c", "a"])) == ["a", "b", "c"]
        page = await store.find("things", {"n": 1}, sort=[("_id", -1)], limit=2, projection={"_id": 1})
        assert page == [{"_id": "c"}, {"_id": "b"}]


async def test_a_document_that_grows_too_large_is_refused_and_stays_as_it_was(stack: Stack) -> None:
    half = "x" * 9_000_000
    with closing(MongoStore(stack.mongodb_uri, f"store_{uuid.uuid4().hex[:8]}")) as store:
        await store.declare_index("things", "state")
        await store.insert("things", {"_id": "a", "state": "open", "first": half})

        with pytest.raises(Unacceptable):
            await store.update_if("things", "a", {}, {"$set": {"state": "closed", "second": half}})

        assert await store.get("things", "a") == {"_id": "a", "state": "open", "first": half}
        assert [doc["_id"] for doc in await store.find("things", {"state": "open"})] == ["a"]
        assert [await store.count("things", {"state": state}) for state in ("open", "closed")] == [1, 0]
