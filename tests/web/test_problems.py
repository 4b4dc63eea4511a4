import httpx
import pytest
import structlog

from shared.web.problems import status_of


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("NOT_FOUND", 404),
        ("VERSION_MISMATCH", 412),
        ("MALFORMED", 400),
        ("CONFLICT_WITH_STATE", 409),
        ("CONFLICT", 409),
        ("ALREADY_LINKED", 409),
        ("WRONG_STATE", 409),
        ("INVALID", 422),
        ("REQUIRED", 422),
        ("IDEMPOTENCY_KEY_REUSED", 422),
    ],
)
async def test_a_refusal_is_answered_by_its_code(client: httpx.AsyncClient, code: str, status: int) -> None:
    assert status_of(code) == status
    answer = await client.post(f"/v1/customers/7/refused/{code}")

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["errors"] == [{"pointer": "/email", "code": code, "detail": "because"}]
    assert body["correlation_id"] == answer.headers["x-correlation-id"]


async def test_every_problem_is_told(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/customers/7/refused-twice")

    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/email", "/cc"]


async def test_a_store_that_is_away_asks_to_come_again(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/customers/7/away")

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert "AutoReconnect" not in answer.text


async def test_what_nobody_expected_tells_nothing(client: httpx.AsyncClient) -> None:
    with structlog.testing.capture_logs() as lines:
        answer = await client.post("/v1/customers/7/broken")

    assert [line["event"] for line in lines] == ["unhandled", "request"]
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == "Internal Server Error"
    assert "secret" not in answer.text
    assert answer.headers["x-correlation-id"]


async def test_an_unknown_address_is_a_problem_document(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/nothing")

    assert answer.status_code == 404
    assert answer.json() | {"correlation_id": ""} == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "errors": [],
        "correlation_id": "",
    }


async def test_a_method_that_is_not_there_names_those_that_are(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/v1/customers/7")

    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["allow"] == "GET, PATCH"
    assert "GET" in (await client.post("/healthz")).headers["allow"]


async def test_a_query_that_does_not_fit_is_named(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/customers", params={"limit": "201"})

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": "/limit", "code": "INVALID", "detail": "must be 200 or less"}]
