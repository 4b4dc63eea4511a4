"""A store that is gone, or there and silent, is named so by every call, within the time limit."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing

import pytest

from embedded.datadir import DataDir
from embedded.part import Part
from embedded.ports import LOOPBACK, free_port
from embedded.servers import document_store
from embedded.stack import quiet
from shared.engine.errors import Unavailable
from shared.engine.ports import Doc, Write
from shared.store.mongo import MongoStore
from tests.component.process import silent

pytestmark = pytest.mark.embedded
LIMIT_S = 0.5
A_HANG_S = 10.0
"""Far beyond the limit: whoever is not answered by then would wait for ever."""

CALLS: dict[str, Callable[[MongoStore], Awaitable[object]]] = {
    "ping": lambda store: store.ping(),
    "declare_index": lambda store: store.declare_index("c", "x"),
    "get": lambda store: store.get("c", "a"),
    "get_many": lambda store: store.get_many("c", ["a"]),
    "get_each": lambda store: store.get_each([("c", ["a"]), ("d", ["a"])]),
    "find": lambda store: store.find("c", {"x": 1}, sort=[("_id", 1)], limit=1),
    "count": lambda store: store.count("c", {"x": 1}),
    "save": lambda store: store.save(
        "c", [Write({"_id": "n", "rev": 1, "stamp": 1}, None), Write({"_id": "a", "rev": 2, "stamp": 2}, 1)]
    ),
    "save_each": lambda store: store.save_each(
        [(name, [Write({"_id": "n", "rev": 1, "stamp": 1}, None)]) for name in ("c", "d")]
    ),
    "insert": lambda store: store.insert("c", {"_id": "n"}),
    "replace_if": lambda store: store.replace_if("c", "a", {}, {"_id": "a"}),
    "update_if": lambda store: store.update_if("c", "a", {}, {"$set": {"x": 1}}),
    "update_each": lambda store: store.update_each("c", [("a", {}, {"$set": {"x": 1}})]),
    "upsert": lambda store: store.upsert("c", "a", {"_id": "a"}),
    "delete_if": lambda store: store.delete_if("c", "a", {}),
    "delete_each": lambda store: store.delete_each("c", [("a", {})]),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Part]:
    """A store of its own, which may be stopped and killed."""
    data = DataDir(tmp_path_factory.mktemp("store"))
    server = document_store(data, quiet)
    server.start()
    yield server
    server.kill()
    data.release()


def test_every_call_of_the_port_is_among_those_that_are_tried() -> None:
    calls = {name for name, member in vars(MongoStore).items() if asyncio.iscoroutinefunction(member)}

    assert {name for name in calls if not name.startswith("_")} == set(CALLS)


@pytest.fixture
def store(server: Part) -> Iterator[MongoStore]:
    with closing(MongoStore(f"mongodb://{LOOPBACK}:{server.port}", "away", time_limit=LIMIT_S)) as store:
        yield store


@pytest.mark.parametrize("call", CALLS)
async def test_where_nobody_listens(call: str) -> None:
    with closing(MongoStore(f"mongodb://{LOOPBACK}:{free_port()}", "gone", time_limit=LIMIT_S)) as store:
        await _is_unavailable(store, call)


@pytest.mark.parametrize("call", CALLS)
async def test_where_the_server_fell_silent_after_it_was_there(call: str, server: Part, store: MongoStore) -> None:
    await _kept_at_last(store, {"_id": "a", "rev": 1, "stamp": 0})

    with silent(server):
        await _is_unavailable(store, call)

    await _answers_at_last(store)


async def test_where_the_server_was_killed_and_came_back_the_same_client_goes_on(
    server: Part, store: MongoStore
) -> None:
    await _kept_at_last(store, {"_id": "a", "n": 1})
    await asyncio.to_thread(server.kill)

    await _is_unavailable(store, "get")
    server.start()

    await _answers_at_last(store)
    assert await store.get("c", "a") == {"_id": "a", "n": 1}


async def test_a_save_that_nobody_waits_for_any_more_is_made_in_its_order_and_under_its_guard(server: Part) -> None:
    with closing(MongoStore(f"mongodb://{LOOPBACK}:{server.port}", "left", time_limit=A_HANG_S)) as store:
        await _kept_at_last(store, {"_id": "a", "rev": 1, "stamp": 0})
        entry, left = Write({"_id": "a", "rev": 1, "stamp": 1}, None), Write({"_id": "a", "rev": 2, "stamp": 1}, 1)

        with silent(server), pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await store.save_each([("entries", [entry]), ("c", [left])])

        async with asyncio.timeout(A_HANG_S):
            while (await store.get("c", "a") or {})["stamp"] == 0:  # noqa: ASYNC110 - a store tells no event
                await asyncio.sleep(0.05)
        assert await store.get("entries", "a") == entry.doc
        assert await store.save("c", [Write({"_id": "a", "rev": 2, "stamp": 2}, 1)]) == {"a"}


async def _is_unavailable(store: MongoStore, call: str) -> None:
    async with asyncio.timeout(A_HANG_S):
        with pytest.raises(Unavailable, match="document store"):
            await CALLS[call](store)


async def _kept_at_last(store: MongoStore, document: Doc) -> None:
    """A server that has only just begun may need longer for its first answers than this client waits."""
    await _at_last(lambda: store.upsert("c", document["_id"], document))


async def _answers_at_last(store: MongoStore) -> None:
    await _at_last(store.ping)


async def _at_last(call: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(A_HANG_S):
        while True:
            try:
                await call()
                return
            except Unavailable:
                await asyncio.sleep(0.05)
