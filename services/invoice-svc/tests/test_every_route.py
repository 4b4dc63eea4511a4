"""What holds for every route: nothing of another partner's is seen or touched, and a key makes a POST happen once."""

from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from tests.every_route import OTHER, ask, routes, told

INVOICE = "/v1/invoices/{invoice_id}"
PAYMENT: Final = {"amount": "10.00", "paid_on": "2026-07-20"}
BODIES: dict[Any, Any] = {("POST", f"{INVOICE}/payments"): PAYMENT}
BEFORE: Final[dict[str, tuple[str, ...]]] = {
    "cancel-delivery": ("send",),
    "release": ("hold",),
    "void": ("finalize",),
    "payments": ("finalize",),
}
"""What a step needs to have been done."""


@pytest.fixture
async def http(app: FastAPI, service: Any, customer: Any) -> AsyncIterator[httpx.AsyncClient]:
    await service.hear(customer.told())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://invoices") as client:
        yield client


def order(customer: Any) -> dict[str, Any]:
    line = {"description": "Internet", "quantity": "1", "unit_price": "100.00", "tax_rate": "0.1"}
    return {"customer_id": customer.customer_id, "currency": "AUD", "lines": [line]}


async def test_another_partners_invoice_is_answered_like_none_and_stays_as_it_is(
    http: httpx.AsyncClient, service: Any, customer: Any
) -> None:
    made = await http.post("/v1/invoices", json=order(customer))
    await http.put("/v1/settings", json={"number_prefix": "HIT-"})
    theirs, nobodys = {"invoice_id": made.json()["invoice_id"]}, {"invoice_id": str(uuid4())}
    of_one = [route for route in await routes(http) if "{invoice_id}" in route[1]]
    assert len(of_one) >= 11

    for route in of_one:
        answers = [await ask(http, route, ids, json=BODIES.get(route), headers=OTHER) for ids in (theirs, nobodys)]
        assert answers[0].status_code == 404, route
        assert told(answers[0]) == told(answers[1]), route

    assert (await http.get(made.headers["location"])).json() == made.json()
    filters: tuple[dict[str, str], ...] = (
        {},
        {"customer_id": customer.customer_id},
        {"document": "draft"},
        {"delivery": "not_requested"},
    )
    for filter in filters:
        assert (await http.get("/v1/invoices", params=filter, headers=OTHER)).json()["items"] == []
    assert (await http.get("/v1/settings", headers=OTHER)).json()["number_prefix"] == "INV-"
    billed = await http.post("/v1/invoices", json=order(customer), headers=OTHER)
    assert [each["pointer"] for each in billed.json()["errors"]] == ["/customer_id"]
    assert {doc["partner_id"] for doc in await service.store.find("invoices", {})} == {"harbour-it"}


async def test_a_post_under_a_key_has_its_effect_once_whatever_came_between(
    http: httpx.AsyncClient, service: Any, customer: Any
) -> None:
    posts = await routes(http, "POST")
    assert len(posts) >= 9

    for route in posts:
        ids = {"invoice_id": (await http.post("/v1/invoices", json=order(customer))).json()["invoice_id"]}
        for step in BEFORE.get(route[1].rpartition("/")[2], ()):
            await http.post(f"/v1/invoices/{ids['invoice_id']}/{step}")
        key, body = {"Idempotency-Key": f"{route}"[:255].replace(" ", "")}, BODIES.get(route, {})
        if route == ("POST", "/v1/invoices"):
            body = order(customer)
        first = await ask(http, route, ids, json=body, headers=key)
        assert first.status_code in (200, 201), route
        at = f"/v1/invoices/{first.json()['invoice_id']}"
        await http.post(f"{at}/hold")
        await http.post(f"{at}/release")
        between = await http.get(at)
        again = await ask(http, route, ids, json=body, headers=key)
        other = await ask(http, route, ids, json={**body, "more": 1}, headers=key)
        assert (again.status_code, again.json()) == (first.status_code, between.json()), route
        assert [each["code"] for each in other.json()["errors"]] == ["IDEMPOTENCY_KEY_REUSED"], route
