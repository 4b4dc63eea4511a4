"""Imports asked for over HTTP: followed to their end, and one for one request however often it comes."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.contracts.customers import Customer, CustomerImported
from shared.contracts.topics import CUSTOMERS

from .asking import THEIRS, created, errors


async def test_an_import_is_asked_for_and_followed_to_its_customer(http: httpx.AsyncClient, service: Any) -> None:
    service.has()
    made = await created(http)
    body = {"integration_id": made["integration_id"], "account_id": "4711", "email": "ap@wattle.example"}

    answer = await http.post("/v1/imports", json=body)
    where = answer.headers["location"]
    await service.work()
    read = (await http.get(where)).json()
    customer = Customer(
        customer_id=str(uuid4()),
        partner_id="harbour-it",
        version=1,
        status="active",
        company_name="Wattle & Tide",
        created_at="2026-07-01T00:00:00Z",
        updated_at="2026-07-01T00:00:00Z",
    )
    event = CustomerImported(customer=customer, request_id=answer.json()["request_id"], created=True)
    await service.hear(CUSTOMERS, event)
    done = await http.get(where)

    assert (answer.status_code, answer.json()["status"], read["status"]) == (202, "pending", "answered")
    assert [each["waits_for"] for each in (answer.json(), read, done.json())] == ["psa", "customer-svc", None]
    assert service.answers()[0]["email"] == "ap@wattle.example"
    assert (done.json()["status"], done.json()["customer_id"]) == ("imported", customer.customer_id)
    assert done.headers["etag"] == '"3"'
    assert (await http.get(where, headers=THEIRS)).status_code == 404


async def test_a_refused_import_says_why(http: httpx.AsyncClient, service: Any) -> None:
    made = await created(http)
    body = {"integration_id": made["integration_id"], "account_id": "404", "request_id": "a/b?c"}

    answer = await http.post("/v1/imports", json=body)
    await service.work()
    read = (await http.get(answer.headers["location"])).json()

    assert (read["request_id"], read["status"], read["code"]) == ("a/b?c", "refused", "NOT_FOUND")
    assert "404" in read["detail"]


async def test_an_import_of_nothing_is_refused_at_once(http: httpx.AsyncClient, service: Any) -> None:
    made = await created(http)
    unknown = await http.post("/v1/imports", json={"integration_id": str(uuid4()), "account_id": "4711"})
    wrong = await http.post("/v1/imports", json={"integration_id": made["integration_id"], "account_id": "a b"})

    assert (unknown.status_code, errors(unknown)) == (404, [("/integration_id", "NOT_FOUND")])
    assert errors(wrong) == [("/account_id", "INVALID")]
    assert await service.store.find("imports", {}) == []
    assert (await http.get("/v1/imports/nothing")).status_code == 404


@pytest.mark.parametrize(
    ("named", "headers"),
    [({"request_id": "r1"}, {}), ({}, {"Idempotency-Key": "k1"}), ({"request_id": "r1"}, {"Idempotency-Key": "k1"})],
    ids=["request_id", "key", "both"],
)
async def test_an_import_asked_for_again_is_answered_as_before_though_its_integration_was_deleted(
    http: httpx.AsyncClient, service: Any, named: dict[str, str], headers: dict[str, str]
) -> None:
    service.has()
    made = await created(http)
    body = {"integration_id": made["integration_id"], "account_id": "4711", **named}
    first = await http.post("/v1/imports", json=body, headers=headers)
    await service.work()
    await http.delete(f"/v1/integrations/{made['integration_id']}")

    again = await http.post("/v1/imports", json=body, headers=headers)
    another = await http.post("/v1/imports", json={**body, "request_id": "r2"})

    assert (first.status_code, again.status_code) == (202, 202)
    assert (again.json()["request_id"], again.headers["location"]) == (
        first.json()["request_id"],
        first.headers["location"],
    )
    assert again.json()["status"] == "answered"
    assert (another.status_code, errors(another)) == (404, [("/integration_id", "NOT_FOUND")])
    assert len(await service.store.find("imports", {})) == 1


async def test_a_key_stands_for_its_body_also_where_another_body_names_another_import(
    http: httpx.AsyncClient, service: Any
) -> None:
    service.has()
    made = await created(http)
    body = {"integration_id": made["integration_id"], "account_id": "4711"}
    key = {"Idempotency-Key": "k1"}
    await http.post("/v1/imports", json={**body, "request_id": "r1"}, headers=key)

    other = await http.post("/v1/imports", json={**body, "request_id": "r2"}, headers=key)

    assert (other.status_code, errors(other)) == (422, [("", "IDEMPOTENCY_KEY_REUSED")])
    assert (await http.get("/v1/imports/r2")).status_code == 404


async def test_a_repeated_post_is_one_import_and_a_used_request_id_is_a_conflict(
    http: httpx.AsyncClient, service: Any
) -> None:
    service.has()
    made = await created(http)
    body = {"integration_id": made["integration_id"], "account_id": "4711"}
    key = {"Idempotency-Key": "k1"}
    once, again = [(await http.post("/v1/imports", json=body, headers=key)).json() for _ in range(2)]
    mine, other = {**body, "request_id": "r1"}, {**body, "request_id": "r1", "account_id": "4712"}
    first = await http.post("/v1/imports", json=mine)
    same = await http.post("/v1/imports", json=mine)
    conflict = await http.post("/v1/imports", json=other)
    await service.work()

    assert once == again
    assert first.json() == same.json()
    assert (conflict.status_code, errors(conflict)) == (409, [("/request_id", "ALREADY_USED")])
    assert len(service.answers()) == 2
