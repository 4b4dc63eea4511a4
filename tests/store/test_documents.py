"""What the engine asks of a document store: one suite, and the store in memory and the real one run all of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.engine.errors import Unacceptable
from shared.engine.ports import Doc, Documents, Write

IN = "things"
_stamp = iter(range(1, 1_000_000))


def thing(id: str, rev: int = 1, **fields: Any) -> Doc:
    """A document as the engine saves it: every save has a stamp of its own."""
    return {"_id": id, "rev": rev, "stamp": next(_stamp), **fields}


async def these(store: Documents, *docs: Doc) -> None:
    for doc in docs:
        assert await store.insert(IN, doc)


async def there(store: Documents, id: str) -> Doc:
    doc = await store.get(IN, id)
    assert doc is not None
    return doc


async def test_what_is_inserted_is_found_as_it_was(store: Documents) -> None:
    doc = thing("a", text="ä", packed=b"\x00\xff", none=None, deep={"list": [1, {"x": True}]}, large=2**53)
    doc["at"] = datetime(2026, 11, 24, 12, 30, 15, 123000, tzinfo=UTC)
    await these(store, dict(doc))

    assert await store.get(IN, "a") == doc
    assert await store.get(IN, "b") is None
    assert await store.get("others", "a") is None


async def test_an_id_that_is_taken_is_not_inserted_again(store: Documents) -> None:
    await these(store, thing("a", n=1))

    assert not await store.insert(IN, thing("a", n=2))
    assert (await there(store, "a"))["n"] == 1


async def test_many_are_found_at_once_each_once_and_what_is_not_there_is_left_out(store: Documents) -> None:
    await these(store, thing("a"), thing("b"), thing("c"))

    found = await store.get_many(IN, ["c", "none", "a", "c"])

    assert sorted(doc["_id"] for doc in found) == ["a", "c"]
    assert await store.get_many(IN, []) == []


async def test_several_collections_are_read_in_one_call(store: Documents) -> None:
    await store.insert(IN, thing("a", n=1))
    await store.insert("others", thing("a", n=2))

    found = await store.get_each([("others", ["a", "b"]), (IN, []), (IN, ["a"])])

    assert [[doc["n"] for doc in docs] for docs in found] == [[2], [], [1]]
    assert await store.get_each([(IN, [])]) == [[]]
    assert await store.get_each([]) == []


async def test_several_collections_are_saved_in_one_call(store: Documents) -> None:
    lost = await store.save_each([(IN, [Write(thing("a", n=1), None)]), ("others", [Write(thing("a", n=2), None)])])

    assert lost == [set(), set()]
    assert [(await store.get(name, "a") or {})["n"] for name in (IN, "others")] == [1, 2]


async def test_what_comes_after_a_replace_that_lost_its_guard_is_not_saved(store: Documents) -> None:
    await these(store, thing("a", 2, n=1), thing("b", 1, n=1))

    lost = await store.save_each(
        [(IN, [Write(thing("a", 2, n=2), 1), Write(thing("b", 2, n=2), 1)]), ("last", [Write(thing("a", n=2), None)])]
    )

    assert lost == [{"a"}]
    assert [(await there(store, id))["n"] for id in "ab"] == [1, 2]
    assert await store.get("last", "a") is None


async def test_what_comes_after_a_guard_that_failed_is_not_saved(store: Documents) -> None:
    await store.insert(IN, thing("a", n=1))

    lost = await store.save_each(
        [
            ("first", [Write(thing("a", n=2), None)]),
            (IN, [Write(thing("a", n=2), None), Write(thing("b", n=2), None)]),
            ("last", [Write(thing("a", n=2), None)]),
        ]
    )

    assert lost == [set(), {"a"}]
    assert (await store.get("first", "a") or {})["n"] == 2
    assert (await store.get(IN, "b") or {})["n"] == 2
    assert await store.get("last", "a") is None


async def test_an_answer_is_a_copy(store: Documents) -> None:
    await these(store, thing("a", deep={"n": 1}))

    (await there(store, "a"))["deep"]["n"] = 2
    (await store.find(IN, {}))[0]["deep"]["n"] = 3
    (await store.get_many(IN, ["a"]))[0]["deep"]["n"] = 4

    assert (await there(store, "a"))["deep"] == {"n": 1}


async def test_a_save_inserts_what_is_new_and_replaces_what_has_the_expected_rev(store: Documents) -> None:
    await these(store, thing("a", old=True))

    assert await store.save(IN, [Write(thing("a", 2, n=1), 1), Write(thing("b", n=2), None)]) == set()
    a, b = await there(store, "a"), await there(store, "b")
    assert (a["rev"], a["n"], "old" in a) == (2, 1, False)
    assert (b["rev"], b["n"]) == (1, 2)


async def test_a_save_of_nothing_loses_nothing(store: Documents) -> None:
    assert await store.save(IN, []) == set()


async def test_each_write_of_a_save_stands_for_itself_and_the_losers_are_named(store: Documents) -> None:
    await these(store, thing("moved", 5, n=0), thing("mine", 1, n=0), thing("taken", 1, n=0))

    lost = await store.save(
        IN,
        [
            Write(thing("moved", 2, n=1), 1),
            Write(thing("taken", 1, n=1), None),
            Write(thing("gone", 4, n=1), 3),
            Write(thing("mine", 2, n=1), 1),
            Write(thing("new", 1, n=1), None),
        ],
    )

    assert lost == {"moved", "taken", "gone"}
    found = {doc["_id"]: doc["n"] for doc in await store.find(IN, {})}
    assert found == {"moved": 0, "taken": 0, "mine": 1, "new": 1}


async def test_a_replacement_that_another_made_to_the_same_rev_is_not_taken_for_ours(store: Documents) -> None:
    await these(store, thing("a", 2, n="theirs"), thing("b", 1, n=0))

    lost = await store.save(IN, [Write(thing("a", 2, n="ours"), 1), Write(thing("b", 2, n=1), 1)])

    assert lost == {"a"}
    assert (await there(store, "a"))["n"] == "theirs"


async def test_a_guard_looks_at_the_document_as_it_is_now(store: Documents) -> None:
    await these(store, thing("a", state="open", n=1))

    assert await store.update_if(IN, "a", {"state": "open"}, {"$set": {"state": "shut"}, "$inc": {"n": 2, "m": 5}})
    assert not await store.update_if(IN, "a", {"state": "open"}, {"$set": {"state": "lost"}})
    assert not await store.update_if(IN, "none", {}, {"$set": {"state": "lost"}})

    found = await there(store, "a")
    assert (found["state"], found["n"], found["m"]) == ("shut", 3, 5)
    assert await store.get(IN, "none") is None


async def test_an_update_reaches_into_a_document_and_takes_fields_away(store: Documents) -> None:
    await these(store, thing("a", deep={"x": 1, "y": 2}))

    update = {"$set": {"deep.x": 7, "fresh.z": 1}, "$unset": {"deep.y": ""}, "$inc": {"deep.n": 1}}
    assert await store.update_if(IN, "a", {"deep.x": {"$lte": 1}}, update)

    found = await there(store, "a")
    assert (found["deep"], found["fresh"]) == ({"x": 7, "n": 1}, {"z": 1})


async def test_of_many_updates_those_whose_guard_holds_are_made_and_counted(store: Documents) -> None:
    await these(store, thing("a", 1, n=0), thing("b", 2, n=0), thing("c", 1, n=0))

    made = await store.update_each(
        IN, [(id, {"rev": 1}, {"$set": {"n": 1}, "$inc": {"rev": 1}}) for id in ("a", "b", "c", "none")]
    )

    assert made == 2
    found = {doc["_id"]: (doc["n"], doc["rev"]) for doc in await store.find(IN, {})}
    assert found == {"a": (1, 2), "b": (0, 2), "c": (1, 2)}
    assert await store.update_each(IN, []) == 0


async def test_a_write_that_the_server_cannot_carry_out_is_unacceptable_and_keeps_no_other_from_being_made(
    store: Documents,
) -> None:
    await these(store, thing("a", n="a text"), thing("b", n=1))

    with pytest.raises(Unacceptable):
        await store.update_if(IN, "a", {}, {"$inc": {"n": 1}})
    with pytest.raises(Unacceptable):
        await store.update_each(IN, [("a", {}, {"$inc": {"n": 1}}), ("b", {}, {"$inc": {"n": 1}})])

    assert {doc["_id"]: doc["n"] for doc in await store.find(IN, {})} == {"a": "a text", "b": 2}


async def test_a_replacement_is_whole_and_only_under_its_guard(store: Documents) -> None:
    await these(store, thing("a", 3, old=True))

    assert not await store.replace_if(IN, "a", {"rev": 2}, {"_id": "a", "n": 0})
    assert not await store.replace_if(IN, "none", {}, {"_id": "none", "n": 0})
    assert await store.replace_if(IN, "a", {"rev": 3}, {"_id": "a", "n": 1})

    assert await store.find(IN, {}) == [{"_id": "a", "n": 1}]


async def test_an_upsert_is_there_afterwards_whatever_was_there_before(store: Documents) -> None:
    await store.upsert(IN, "a", {"_id": "a", "n": 1, "old": True})
    await store.upsert(IN, "a", {"_id": "a", "n": 2})

    assert await store.find(IN, {}) == [{"_id": "a", "n": 2}]


async def test_what_is_deleted_is_gone_and_only_under_its_guard(store: Documents) -> None:
    await these(store, thing("a", 2), thing("b", 2))

    assert not await store.delete_if(IN, "a", {"rev": {"$lte": 1}})
    assert not await store.delete_if(IN, "none", {})
    assert await store.delete_if(IN, "a", {"rev": {"$lte": 2}})

    assert [doc["_id"] for doc in await store.find(IN, {})] == ["b"]


async def test_pages_by_id_go_through_everything_once(store: Documents) -> None:
    await these(store, *(thing(f"{number:02d}", even=number % 2 == 0) for number in range(25)))
    after, pages = "", list[list[str]]()

    while not pages or pages[-1]:
        page = await store.find(IN, {"_id": {"$gt": after}, "even": True}, sort=[("_id", 1)], limit=5)
        pages.append([doc["_id"] for doc in page])
        after = pages[-1][-1] if page else after

    assert [len(page) for page in pages] == [5, 5, 3, 0]
    assert [id for page in pages for id in page] == [f"{number:02d}" for number in range(0, 25, 2)]


async def test_many_are_deleted_at_once_each_under_its_own_guard(store: Documents) -> None:
    await these(store, thing("a", 2), thing("b", 2), thing("c", 2))

    await store.delete_each(IN, [("a", {"rev": {"$lte": 2}}), ("none", {}), ("b", {"rev": {"$lte": 1}})])
    await store.delete_each(IN, [])

    assert sorted(doc["_id"] for doc in await store.find(IN, {})) == ["b", "c"]


@pytest.mark.parametrize(
    ("range", "ids"),
    [
        ({"$gt": "b"}, "edc"),
        ({"$gte": "b"}, "edcb"),
        ({"$lt": "d"}, "cba"),
        ({"$lte": "d"}, "dcba"),
        ({"$gt": "a", "$lt": "d"}, "cb"),
        ({"$gte": "aa", "$lte": "cc"}, "cb"),
        ({"$gt": "d", "$lt": "b"}, ""),
    ],
    ids=str,
)
async def test_a_range_of_ids_is_found_in_order_and_the_other_way_round(
    store: Documents, range: dict[str, str], ids: str
) -> None:
    await these(store, *(thing(id) for id in "cadeb"))

    backward = await store.find(IN, {"_id": range}, sort=[("_id", -1)])
    forward = await store.find(IN, {"_id": range}, sort=[("_id", 1)])

    assert "".join(doc["_id"] for doc in backward) == ids
    assert "".join(doc["_id"] for doc in forward) == ids[::-1]


async def test_a_sort_is_by_the_first_field_then_the_next_and_nothing_comes_before_a_value(store: Documents) -> None:
    await these(store, thing("a", x=2, d={"y": 1}), thing("b", x=1, d={"y": 1}), thing("c", x=2, d={"y": 2}))
    await these(store, thing("d"), thing("e", x=None, d={"y": 0}))

    found = await store.find(IN, {}, sort=[("x", -1), ("d.y", 1)])
    least = await store.find(IN, {"x": {"$ne": 1}}, sort=[("x", 1), ("d.y", -1)], limit=3)

    assert [doc["_id"] for doc in found] == ["a", "c", "b", "d", "e"]
    assert [doc["_id"] for doc in least] == ["e", "d", "c"]


async def test_a_projection_answers_the_id_and_what_it_names(store: Documents) -> None:
    await these(store, thing("a", x=1, deep={"y": 2, "z": 3}), thing("b", other=1))

    found = await store.find(IN, {}, sort=[("_id", 1)], projection={"x": 1, "deep.y": 1})

    assert found == [{"_id": "a", "x": 1, "deep": {"y": 2}}, {"_id": "b"}]


LOOKED_THROUGH = (
    thing("a", n=1, tags=["x", "y"], deep={"s": "Anna"}, none=None),
    thing("b", n=2, tags=[], deep={"s": "Bert"}),
    thing("c", n=3, deep={}, items=[{"k": 1}, {"k": 2}]),
    thing("d"),
)


@pytest.mark.parametrize(
    ("filter", "ids"),
    [
        ({}, "abcd"),
        ({"n": 2}, "b"),
        ({"n": {"$eq": 2}}, "b"),
        ({"n": {"$ne": 2}}, "acd"),
        ({"n": {"$in": [1, 3, 9]}}, "ac"),
        ({"n": {"$nin": [1, 3]}}, "bd"),
        ({"n": {"$gt": 1}}, "bc"),
        ({"n": {"$gte": 1, "$lt": 3}}, "ab"),
        ({"n": {"$lte": 1}}, "a"),
        ({"none": None}, "abcd"),
        ({"none": {"$exists": True}}, "a"),
        ({"n": {"$exists": False}}, "d"),
        ({"tags": "x"}, "a"),
        ({"tags": ["x", "y"]}, "a"),
        ({"tags": {"$in": ["y", "z"]}}, "a"),
        ({"tags": {"$nin": ["y"]}}, "bcd"),
        ({"tags": {"$ne": "x"}}, "bcd"),
        ({"deep.s": "Anna"}, "a"),
        ({"deep.s": {"$regex": "^B"}}, "b"),
        ({"deep.s": {"$regex": "n+a"}}, "a"),
        ({"deep.s": {"$exists": True}}, "ab"),
        ({"items.k": 2}, "c"),
        ({"$or": [{"n": 1}, {"deep.s": "Bert"}]}, "ab"),
        ({"_id": {"$gt": "a"}, "$or": [{"n": 1}, {"n": 3}]}, "c"),
        ({"$and": [{"n": {"$gt": 1}}, {"$or": [{"n": 2}, {"n": 9}]}]}, "b"),
        ({"_id": {"$in": ["a", "d", "z"]}, "n": 1}, "a"),
        ({"n": {"$gt": "a text"}}, ""),
        ({"n": {"$in": [None]}}, "d"),
    ],
    ids=str,
)
async def test_a_filter_finds_and_counts_the_same_documents(store: Documents, filter: dict[str, Any], ids: str) -> None:
    await these(store, *(dict(doc) for doc in LOOKED_THROUGH))

    assert "".join(doc["_id"] for doc in await store.find(IN, filter, sort=[("_id", 1)])) == ids
    assert await store.count(IN, filter) == len(ids)
