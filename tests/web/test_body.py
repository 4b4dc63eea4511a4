from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request

from shared.engine.handled import body_digest
from shared.web.auth import Caller
from shared.web.idempotency import request_meta

ROUTE = "/v1/customers"


async def test_the_partner_comes_from_the_token_and_not_from_the_body(client: httpx.AsyncClient) -> None:
    answer = await client.post(ROUTE, json={"company_name": "Ann Ltd", "partner_id": "p-2"})

    assert answer.status_code == 201
    assert answer.json()["command"]["partner_id"] == "p-1"


async def test_each_field_that_is_wrong_is_named(client: httpx.AsyncClient) -> None:
    body = {"company_name": "x" * 201, "cc": "no list", "company_address": {"city": 7}}
    answer = await client.post(ROUTE, json=body)

    assert answer.status_code == 422
    found = {each["pointer"]: each["code"] for each in answer.json()["errors"]}
    assert found == {"/company_name": "TOO_LONG", "/cc": "INVALID", "/company_address/city": "INVALID"}
    assert "no list" not in answer.text


async def test_no_body_is_an_empty_object(client: httpx.AsyncClient) -> None:
    answer = await client.post(ROUTE)

    assert answer.status_code == 422
    assert answer.json()["errors"][0] == {
        "pointer": "/company_name",
        "code": "REQUIRED",
        "detail": "a value is needed here",
    }


async def test_a_path_that_is_no_id_is_not_found(client: httpx.AsyncClient) -> None:
    answer = await client.patch(f"{ROUTE}/not-an-id", json={"set": {}})

    assert answer.status_code == 404
    assert answer.json()["errors"][0]["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"null",
        b"[]",
        b'"x"',
        b"\xff\xfe",
        b'{"company_name": NaN}',
        b'{"a": "\\ud800"}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"\x00",
    ],
    ids=lambda raw: repr(raw[:16]),
)
async def test_what_is_no_json_object_is_malformed(client: httpx.AsyncClient, raw: bytes) -> None:
    answer = await client.post(ROUTE, content=raw, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "MALFORMED"


@pytest.mark.parametrize(
    ("media_type", "status"),
    [
        ("application/json; charset=utf-8", 201),
        ("application/vnd.api+json", 201),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
    ],
)
async def test_another_media_type_is_not_taken(client: httpx.AsyncClient, media_type: str, status: int) -> None:
    answer = await client.post(ROUTE, content=b'{"company_name": "x"}', headers={"Content-Type": media_type})

    assert answer.status_code == status


async def test_a_body_beyond_the_limit_is_not_read(client: httpx.AsyncClient) -> None:
    answer = await client.post(ROUTE, json={"company_name": "x" * 1024 * 1024})

    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


async def test_nor_is_one_that_does_not_say_its_length(client: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100:
            sent += 1
            yield b"x" * 65536

    answer = await client.post(ROUTE, content=endless())

    assert answer.status_code == 413


async def _meta(client: httpx.AsyncClient, **headers: str) -> dict[str, Any]:
    answer = await client.post(ROUTE, content=b'{"company_name": "x"}', headers=headers)
    assert answer.status_code == 201
    found: dict[str, Any] = answer.json()["meta"]
    return found


async def test_a_key_is_the_identity_of_a_request_on_its_route(client: httpx.AsyncClient) -> None:
    meta = await _meta(client, **{"Idempotency-Key": "k-1"})

    assert meta["partner_id"] == "p-1"
    assert meta["source"] == "/customer-svc/http/POST /v1/customers"
    assert meta["id"] == "k-1"
    assert meta["actor"] == "user:ann"
    assert meta["type"] == "POST /v1/customers"
    assert meta["body"] == str(body_digest(b'{"company_name": "x"}'))


async def test_without_a_key_each_request_is_its_own(client: httpx.AsyncClient) -> None:
    first, second = await _meta(client), await _meta(client)

    assert first["id"] != second["id"]
    assert first["body"] == "None"


@pytest.mark.parametrize("given", ["", "x" * 256, "a b", "é", "a\tb"])
async def test_a_key_that_cannot_be_one_is_malformed(client: httpx.AsyncClient, given: str) -> None:
    headers = {"Idempotency-Key": given.encode()}
    answer = await client.post(ROUTE, json={"company_name": "x"}, headers=headers)  # type: ignore[arg-type]

    assert answer.status_code == 400


async def test_a_key_may_have_255_characters(client: httpx.AsyncClient) -> None:
    assert (await _meta(client, **{"Idempotency-Key": "~" * 255}))["id"] == "~" * 255


async def test_a_path_is_told_apart_from_another_that_only_looks_alike(client: httpx.AsyncClient, app: FastAPI) -> None:
    @app.post("/echo/{name}")
    async def echo(request: Request, caller: Caller) -> str:
        return request_meta(request, caller).source

    found = [
        (await client.post(f"/echo/{name}", headers={"Host": host})).json()
        for name, host in (("a", "test"), ("a%23b", "test"), ("a%3Fb", "test"), ("c", "x/echo/a?"))
    ]

    assert found == [f"/customer-svc/http/POST /echo/{name}" for name in ("a", "a#b", "a?b", "c")]
