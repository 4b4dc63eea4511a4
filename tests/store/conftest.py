"""The places that the store's suite runs over: in memory, and the embedded server over MongoDB's wire protocol."""

import uuid
from collections.abc import Iterator

import pytest

from shared.engine.ports import Documents
from shared.store.memory import MemoryStore
from shared.store.mongo import MongoStore


@pytest.fixture(params=["memory", pytest.param("mongo", marks=pytest.mark.embedded)])
def store(request: pytest.FixtureRequest) -> Iterator[Documents]:
    """Empty, and no other test's."""
    if request.param == "memory":
        yield MemoryStore()
        return
    mongo = MongoStore(request.getfixturevalue("stack").mongodb_uri, f"store_{uuid.uuid4().hex[:8]}")
    yield mongo
    mongo.close()
