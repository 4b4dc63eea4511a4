import httpx
import pytest

ID = "6f2b9f0e-6a0e-4c1e-9f5e-0d8f3f1f2a3b"


async def test_an_entity_tells_its_version(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/customers/7")

    assert answer.status_code == 200
    assert answer.headers["etag"] == '"7"'


@pytest.mark.parametrize("known", ['"7"', 'W/"7"', "*", '"1", "7"', '"x" ,W/"7"'])
async def test_what_the_client_has_is_not_sent_again(client: httpx.AsyncClient, known: str) -> None:
    answer = await client.get("/v1/customers/7", headers={"If-None-Match": known})

    assert answer.status_code == 304
    assert answer.headers["etag"] == '"7"'
    assert answer.content == b""


@pytest.mark.parametrize("known", ['"8"', '"x"', '""', '"07"', '"7 "'])
async def test_another_version_is_sent(client: httpx.AsyncClient, known: str) -> None:
    status = (await client.get("/v1/customers/7", headers={"If-None-Match": known})).status_code

    assert status == (400 if known == '"7 "' else 200)


@pytest.mark.parametrize(
    ("value", "expected"), [('"7"', 7), ("*", None), ('"6", "7"', 7), ('W/"9", "7"', 7), ('"x", "7"', 7), (' "7" ,', 7)]
)
async def test_a_change_may_name_the_version_it_was_made_from(
    client: httpx.AsyncClient, value: str, expected: int | None
) -> None:
    answer = await client.patch(f"/v1/customers/{ID}", json={"set": {}}, headers={"If-Match": value})

    assert answer.json()["expected"] == expected


async def test_without_the_header_any_version_will_do(client: httpx.AsyncClient) -> None:
    assert (await client.patch(f"/v1/customers/{ID}", json={"set": {}})).json()["expected"] is None


@pytest.mark.parametrize("value", ['W/"7"', '"x"', '"0"', '"-1"', '"7", W/"7"'[5:]])
async def test_a_tag_that_can_be_no_version_of_ours_fails(client: httpx.AsyncClient, value: str) -> None:
    answer = await client.patch(f"/v1/customers/{ID}", json={"set": {}}, headers={"If-Match": value})

    assert answer.status_code == 412
    assert answer.json()["errors"][0]["code"] == "VERSION_MISMATCH"


@pytest.mark.parametrize("value", ["7", '"7', "7, 8", '"7" "8"', 'w/"7"'])
async def test_what_is_no_tag_is_malformed(client: httpx.AsyncClient, value: str) -> None:
    answer = await client.patch(f"/v1/customers/{ID}", json={"set": {}}, headers={"If-Match": value})

    assert answer.status_code == 400
