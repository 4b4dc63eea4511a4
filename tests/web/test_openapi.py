from typing import Any

import httpx
import pytest

from shared.contracts.asyncapi import document as document_of_events


@pytest.fixture
async def document(http: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await http.get("/openapi.json")).json()
    return found


def _references(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*(_references(each) for each in part.values()))
    if isinstance(part, list):
        return set().union(*(_references(each) for each in part))
    return set()


async def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    assert {ref.removeprefix("#/components/schemas/") for ref in _references(document)} <= set(schemas)


async def test_a_body_is_documented_without_what_the_token_gives(document: dict[str, Any]) -> None:
    operation = document["paths"]["/v1/customers"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]

    assert schema["required"] == ["company_name"]
    assert "partner_id" not in schema["properties"]
    assert "x-schemas" not in operation


async def test_routes_say_that_they_want_a_token_and_how_they_fail(document: dict[str, Any]) -> None:
    operation = document["paths"]["/v1/customers"]["post"]

    assert operation["security"] == [{"HTTPBearer": []}]
    assert "application/problem+json" in operation["responses"]["default"]["content"]
    assert "422" not in operation["responses"]


async def test_the_page_for_people_needs_no_script_and_no_internet(http: httpx.AsyncClient) -> None:
    answer = await http.get("/docs")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "/v1/customers/{customer_id}" in answer.text
    assert "<script" not in answer.text
    assert "http://" not in answer.text
    assert "https://" not in answer.text


async def test_what_the_service_hears_and_says_on_kafka_is_served_beside_it(http: httpx.AsyncClient) -> None:
    answer = await http.get("/asyncapi.json")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == document_of_events("customer-svc")
    assert 'href="/asyncapi.json"' in (await http.get("/docs")).text
