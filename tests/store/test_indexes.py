"""What the embedded store finds by an index is what is found without one, whatever was written before."""

import asyncio
import re
import uuid
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo import MongoClient

from embedded.stack import Stack, running
from shared.engine.ports import Doc, Documents
from shared.store.memory import MemoryStore
from shared.store.mongo import MongoStore

pytestmark = pytest.mark.embedded
IN: Final = "things"
INDEXES: Final = (
    ("job", "due_at"),
    ("job", "whose", "_id"),
    ("job", "due_at", "whose"),
    ("unsaid", "_id"),
    ("deep.order",),
)
Write = Callable[[Documents], Coroutine[Any, Any, object]]

ids = st.sampled_from("abcde")
jobs = st.sampled_from(["send", "hold"])
numbers = st.one_of(st.integers(-3, 3), st.sampled_from([-0.5, 0.0, 2.5, 2**40]))
texts = st.sampled_from(["", "A", "a", "a b", "a.b", "ab", "b", "ä", "z", "🥐"])
patterns = ("a", "ä", "^a", "z$", "a.", r"\w", *map(re.escape, ("a b", "a.b", ".", "\\", "🥐")))
searches = st.sampled_from(patterns).map(lambda pattern: {"$regex": pattern})
fields = st.fixed_dictionaries(
    {"job": jobs, "due_at": numbers, "unsaid": st.booleans()},
    optional={
        "whose": st.one_of(texts, st.none()),
        "deep": st.one_of(st.just({}), st.fixed_dictionaries({"order": st.one_of(texts, st.none())})),
    },
)


@dataclass(frozen=True)
class Asked:
    filter: dict[str, Any]
    sort: tuple[tuple[str, int], ...]
    limit: int


def between(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    lower, upper = st.sampled_from(["$gt", "$gte"]), st.sampled_from(["$lt", "$lte"])
    one = st.tuples(st.one_of(lower, upper), values).map(lambda pair: {pair[0]: pair[1]})
    both = st.tuples(lower, values, upper, values).map(lambda each: {each[0]: each[1], each[2]: each[3]})
    return st.one_of(one, both)


CONDITIONS: Final[dict[str, st.SearchStrategy[Any]]] = {
    "_id": st.one_of(ids, between(texts), st.fixed_dictionaries({"$in": st.lists(ids, max_size=3)})),
    "job": st.one_of(jobs, jobs, jobs.map(lambda job: {"$ne": job})),
    "due_at": st.one_of(numbers, between(numbers)),
    "whose": st.one_of(
        texts,
        between(texts),
        searches,
        st.none(),
        st.booleans().map(lambda yes: {"$exists": yes}),
    ),
    "unsaid": st.booleans(),
    "deep.order": st.one_of(texts, between(texts), st.booleans().map(lambda yes: {"$exists": yes})),
}
filters = st.lists(st.sampled_from(list(CONDITIONS)), max_size=3, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: CONDITIONS[name] for name in names})
)
sorts = st.one_of(
    st.just(()),
    st.sampled_from(["_id", "due_at", "whose", "deep.order"]).flatmap(
        lambda name: st.sampled_from([((name, 1),), ((name, -1),), ((name, 1), ("_id", 1)), ((name, -1), ("_id", -1))])
    ),
)
questions = st.builds(Asked, filters, sorts, st.sampled_from([0, 0, 1, 3]))
writes: st.SearchStrategy[Write] = st.one_of(
    st.builds(lambda id, doc: lambda store: store.upsert(IN, id, {"_id": id, **doc}), ids, fields),
    st.builds(lambda id, job: lambda store: store.update_if(IN, id, {}, {"$set": {"job": job}}), ids, jobs),
    st.builds(lambda id: lambda store: store.update_if(IN, id, {}, {"$unset": {"whose": ""}}), ids),
    st.builds(lambda id: lambda store: store.delete_if(IN, id, {"unsaid": True}), ids),
)


@given(
    before=st.lists(writes, max_size=6),
    after=st.lists(writes, min_size=8, max_size=20),
    asked=st.lists(questions, min_size=4, max_size=8),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_index_finds_what_is_found_without_one(
    stack: Stack, before: Sequence[Write], after: Sequence[Write], asked: Sequence[Asked]
) -> None:
    async def compare() -> None:
        mongo, memory = MongoStore(stack.mongodb_uri, f"indexes_{uuid.uuid4().hex[:12]}"), MemoryStore()
        for write in before:
            await asyncio.gather(write(mongo), write(memory))
        for index in INDEXES:
            await mongo.declare_index(IN, *index)
        for write in after:
            await asyncio.gather(write(mongo), write(memory))
        for each in asked:
            await _alike(mongo, memory, each)
        mongo.close()

    asyncio.run(compare())


async def _alike(mongo: Documents, memory: Documents, asked: Asked) -> None:
    """Documents that a sort does not tell apart may come in any order, and then a limit may take any of them."""
    everything = await memory.find(IN, asked.filter, sort=asked.sort)
    found = await mongo.find(IN, asked.filter, sort=asked.sort, limit=asked.limit)

    assert len(found) == min(len(everything), asked.limit or len(everything)), asked
    keys = 1 if _some_lack_it(everything, asked) else len(asked.sort)
    assert [_place(doc, asked)[:keys] for doc in found] == [
        _place(doc, asked)[:keys] for doc in everything[: len(found)]
    ], asked
    assert all(doc in everything for doc in found), asked
    assert await mongo.count(IN, asked.filter) == len(everything), asked


def _some_lack_it(docs: Sequence[Doc], asked: Asked) -> bool:
    """Whether what they are sorted by is missing in some and null in others. To MongoDB that is the same, so the next
    field decides; the embedded store puts those first in which it is missing. No service sorts by such a field."""
    of = [doc.get("deep", {}) if name == "deep.order" else doc for name, _ in asked.sort[:1] for doc in docs]
    name = asked.sort[0][0].rsplit(".", 1)[-1] if asked.sort else ""
    return {name in doc for doc in of if doc.get(name) is None} == {True, False}


def _place(doc: Doc, asked: Asked) -> list[Any]:
    values = {**doc, "deep.order": doc.get("deep", {}).get("order")}
    return [values.get(name) for name, _ in asked.sort]


def test_an_index_is_there_again_after_a_restart(tmp_path: Path) -> None:
    with running(tmp_path) as own:

        async def fill() -> None:
            store = MongoStore(own.mongodb_uri, "kept")
            await store.declare_index(IN, "job", "due_at")
            for number in range(20):
                assert await store.insert(IN, {"_id": f"{number:02d}", "job": "hold", "due_at": 20 - number})
            store.close()

        async def look() -> list[str]:
            store = MongoStore(own.mongodb_uri, "kept")
            found = await store.find(IN, {"job": "hold", "due_at": {"$lte": 3}}, sort=[("due_at", 1)])
            store.close()
            return [doc["_id"] for doc in found]

        def kept() -> dict[str, int]:
            with MongoClient[Doc](own.mongodb_uri) as client:
                keys: dict[str, int] = client["kept"].command("validate", IN)["keysPerIndex"]
                return keys

        asyncio.run(fill())
        assert kept() == {"_id_": 20, "job_1_due_at_1": 20}
        own.store.kill()
        own.store.start()

        assert kept() == {"_id_": 20, "job_1_due_at_1": 20}
        assert asyncio.run(look()) == ["19", "18", "17"]
