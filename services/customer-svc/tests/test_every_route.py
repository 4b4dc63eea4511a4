"""What holds for every route: nothing of another partner's is seen or touched, and a key makes a POST happen once."""

from typing import Any
from uuid import uuid4

import httpx

from tests.every_route import OTHER, ask, routes, told

CUSTOMER = "/v1/customers/{customer_id}"
ACCOUNT = {"integration_id": str(uuid4()), "account_id": "4711"}
BODIES: dict[Any, Any] = {
    ("POST", "/v1/customers"): {"company_name": "Harbour"},
    ("PATCH", CUSTOMER): {"company_name": "Taken over"},
    ("PUT", f"{CUSTOMER}/payment-terms"): {"kind": "end_of_month"},
    ("PUT", f"{CUSTOMER}/integration"): ACCOUNT,
}


async def test_another_partners_customer_is_answered_like_none_and_stays_as_it_is(
    http: httpx.AsyncClient, service: Any
) -> None:
    made = await http.post("/v1/customers", json={"company_name": "Harbour", "integration": ACCOUNT})
    theirs, nobodys = {"customer_id": made.json()["customer_id"]}, {"customer_id": str(uuid4())}
    of_one = [route for route in await routes(http) if "{customer_id}" in route[1]]
    assert len(of_one) >= 10

    for route in of_one:
        answers = [await ask(http, route, ids, json=BODIES.get(route), headers=OTHER) for ids in (theirs, nobodys)]
        assert answers[0].status_code == 404, route
        assert told(answers[0]) == told(answers[1]), route

    assert (await http.get(made.headers["location"])).json() == made.json()
    assert (await http.get("/v1/customers", headers=OTHER)).json()["items"] == []
    assert {doc["partner_id"] for doc in await service.store.find("customers", {})} == {"harbour-it"}
    claims = await service.store.find("claims", {"partner_id": "other"})
    assert [claim["state"]["customer_id"] for claim in claims] in ([], [None])


async def test_a_post_under_a_key_has_its_effect_once_whatever_came_between(
    http: httpx.AsyncClient, service: Any
) -> None:
    posts = await routes(http, "POST")
    assert len(posts) >= 4

    for route in posts:
        ids = {"customer_id": (await http.post("/v1/customers", json={"company_name": "x"})).json()["customer_id"]}
        key = {"Idempotency-Key": f"{'k' * 200} {route}".replace(" ", "-")[:255]}
        body = BODIES.get(route, {})
        first = await ask(http, route, ids, json=body, headers=key)
        assert first.status_code in (200, 201), route
        between = await http.post(f"/v1/customers/{first.json()['customer_id']}/enable")
        again = await ask(http, route, ids, json=body, headers=key)
        other = await ask(http, route, ids, json={**body, "more": 1}, headers=key)
        assert (again.status_code, again.json()) == (first.status_code, between.json()), route
        assert [each["code"] for each in other.json()["errors"]] == ["IDEMPOTENCY_KEY_REUSED"], route
