"""The places that the store's suite runs over: in memory, and the embedded server over MongoDB's wire protocol, which
finds the same with indexes and without."""

import uuid
from collections.abc import AsyncIterator
from typing import Final

import pytest

from shared.engine.ports import Documents
from shared.store.memory import MemoryStore
from shared.store.mongo import MongoStore

INDEXES: Final = (("n",), ("none",), ("tags",), ("deep.s",), ("items.k",), ("x", "d.y"), ("even", "_id"))


@pytest.fixture(
    params=[
        "memory",
        pytest.param("mongo", marks=pytest.mark.embedded),
        pytest.param("mongo, indexed", marks=pytest.mark.embedded),
    ]
)
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Documents]:
    """Empty, and no other test's."""
    if request.param == "memory":
        yield MemoryStore()
        return
    mongo = MongoStore(request.getfixturevalue("stack").mongodb_uri, f"store_{uuid.uuid4().hex[:8]}")
    for fields in INDEXES if request.param == "mongo, indexed" else ():
        await mongo.declare_index("things", *fields)
    yield mongo
    mongo.close()
