"""An integration that is there already: edited by version, tested, deleted."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import httpx

from psa_sync_svc.workers.psa import AuthFailed, Transient
from shared.contracts.customers import Customer, CustomerLinked
from shared.contracts.topics import CUSTOMERS

from .asking import SECRETS, at, created, errors


async def test_a_name_is_changed_by_version_and_nothing_is_called_for_it(http: httpx.AsyncClient, service: Any) -> None:
    made = await created(http)
    await service.work()
    version = (await http.get(at(made))).headers["etag"]
    service.psa.calls.clear()

    answer = await http.patch(at(made), json={"name": "Renamed"}, headers={"If-Match": version})
    stale = await http.patch(at(made), json={"name": "Again"}, headers={"If-Match": version})
    await service.work()

    assert (answer.json()["name"], answer.json()["status"]) == ("Renamed", "connected")
    assert (stale.status_code, errors(stale)) == (412, [("", "VERSION_MISMATCH")])
    assert service.psa.calls == []


async def test_a_new_address_needs_the_credentials_again_so_that_nobody_has_them_sent_elsewhere(
    http: httpx.AsyncClient, service: Any
) -> None:
    made = await created(http)

    alone = await http.patch(at(made), json={"base_url": "https://other.example"})
    nowhere = await http.patch(at(made), json={"base_url": None})
    both = await http.patch(at(made), json={"base_url": "https://other.example", "credentials": SECRETS})

    assert errors(alone) == errors(nowhere) == [("/credentials", "REQUIRED")]
    assert (both.json()["base_url"], both.json()["status"]) == ("https://other.example", "unchecked")
    assert {each.base_url for each in service.psa.opened} == {"https://psa.example", "https://other.example"}


async def test_fields_that_there_are_not_are_named(http: httpx.AsyncClient) -> None:
    made = await created(http)

    assert errors(await http.patch(at(made), json={"provider": "halopsa"})) == [("/provider", "UNKNOWN_FIELD")]
    assert errors(await http.patch(at(made), json={"credentials": {"secret": "x"}})) == [
        ("/credentials/username", "REQUIRED"),
        ("/credentials/integration_code", "REQUIRED"),
    ]


async def test_a_test_calls_the_psa_and_tells_what_came_of_it(http: httpx.AsyncClient, service: Any) -> None:
    made = await created(http)

    fine = (await http.post(at(made, "/test"))).json()
    service.psa.errors = [Transient("the PSA is away")]
    away = (await http.post(at(made, "/test"))).json()
    service.psa.errors = [AuthFailed("not taken")]
    refused = (await http.post(at(made, "/test"))).json()

    assert (fine["ok"], fine["status"], fine["code"]) == (True, "connected", None)
    assert (away["ok"], away["status"], away["code"]) == (False, "unreachable", "UNAVAILABLE")
    assert (refused["ok"], refused["status"], refused["code"], refused["detail"]) == (
        *(False, "auth_failed", "AUTH_FAILED"),
        "not taken",
    )
    assert service.psa.calls == ["check"] * 3


async def test_a_test_does_not_wait_for_ever(http: httpx.AsyncClient, service: Any) -> None:
    made = await created(http)
    service.psa.hold = asyncio.Event()

    told = (await http.post(at(made, "/test"))).json()

    assert (told["ok"], told["code"]) == (False, "UNAVAILABLE")


async def test_after_refused_credentials_calls_go_on_once_a_test_or_an_edit_says_so(
    http: httpx.AsyncClient, service: Any
) -> None:
    service.has()
    service.psa.errors = [AuthFailed("not taken")]
    made = await created(http)
    await service.work()
    stopped = await http.get(at(made, "/accounts/4711"))
    empty = await http.get(at(made, "/accounts"))
    assert (stopped.status_code, errors(stopped)) == (409, [("", "AUTH_FAILED")])
    assert (empty.status_code, errors(empty)) == (409, [("", "AUTH_FAILED")])
    assert service.psa.calls == ["page"]

    assert (await http.post(at(made, "/test"))).json()["ok"]
    await service.work()
    assert len((await http.get(at(made, "/accounts"))).json()["items"]) == 1

    service.psa.errors = [AuthFailed("not taken")]
    assert errors(await http.get(at(made, "/accounts/4711"))) == [("", "AUTH_FAILED")]
    assert (await http.patch(at(made), json={"credentials": SECRETS})).json()["status"] == "unchecked"
    assert (await http.get(at(made, "/accounts/4711"))).status_code == 200


async def test_an_integration_is_deleted_unless_customers_are_linked_by_it(
    http: httpx.AsyncClient, service: Any
) -> None:
    service.has()
    made = await created(http)
    await service.work()
    customer = {
        "customer_id": str(uuid4()),
        "partner_id": "harbour-it",
        "version": 1,
        "status": "active",
        "company_name": "Wattle",
        "integration": {"integration_id": made["integration_id"], "account_id": "4711"},
        "created_at": "2026-07-01T00:00:00Z",
        "updated_at": "2026-07-01T00:00:00Z",
    }
    await service.hear(CUSTOMERS, CustomerLinked(customer=Customer.model_validate(customer)))
    linked = await http.delete(at(made))
    unlinked = customer | {"version": 2, "integration": None}
    await service.hear(CUSTOMERS, CustomerLinked(customer=Customer.model_validate(unlinked)))

    gone = await http.delete(at(made))
    await service.work()

    assert (linked.status_code, errors(linked)) == (409, [("", "CONFLICT_WITH_STATE")])
    assert gone.status_code == 204
    assert (await http.get(at(made))).status_code == 404
    assert (await http.get("/v1/integrations")).json()["items"] == []
    assert await service.store.find("accounts", {}) == []
    for secret in SECRETS.values():
        assert secret not in json.dumps(await service.store.find("integrations", {}), default=repr)
