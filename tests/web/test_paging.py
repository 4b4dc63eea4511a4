import base64
import json
from contextlib import suppress

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.engine.decision import Refused
from shared.web.paging import cursor, place_of

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=100)


@given(st.lists(TEXT, min_size=1, max_size=3))
def test_a_cursor_gives_back_its_place(keys: list[str]) -> None:
    assert place_of(cursor(keys), len(keys)) == tuple(keys)


@given(st.text(max_size=60))
def test_a_made_up_cursor_is_refused_or_harmless(word: str) -> None:
    with suppress(Refused):
        place = place_of(word, 2)
        assert len(place) == 2
        assert all(isinstance(key, str) for key in place)


@pytest.mark.parametrize(
    "inside", [[{"$gt": ""}, "x"], ["x"], ["x", "y", "z"], ["x", 7], ["x", None], {"a": 1}, "xy", ["x", "\x00"]]
)
def test_only_strings_as_many_as_there_are_keys_come_out(inside: object) -> None:
    with pytest.raises(Refused):
        place_of(base64.urlsafe_b64encode(json.dumps(inside).encode()).decode(), 2)


async def test_pages_follow_each_other_to_the_end(client: httpx.AsyncClient) -> None:
    seen, after = [], None
    for _ in range(10):
        params = {"limit": "3"} | ({"after": after} if after else {})
        body = (await client.get("/v1/customers", params=params)).json()
        seen.append([item["name"] for item in body["items"]])
        after = body["next"]
        if after is None:
            break

    assert seen == [["n0", "n1", "n2"], ["n3", "n4", "n5"], ["n6"]]


async def test_a_full_last_page_has_no_next(client: httpx.AsyncClient) -> None:
    body = (await client.get("/v1/customers", params={"limit": "7"})).json()

    assert len(body["items"]) == 7
    assert body["next"] is None


async def test_a_bad_cursor_is_answered(client: httpx.AsyncClient) -> None:
    for after in ("x", "é", "e30", "a" * 1999):
        answer = await client.get("/v1/customers", params={"after": after})
        assert answer.status_code == 400, after
        assert answer.json()["errors"][0]["pointer"] == "/after"
