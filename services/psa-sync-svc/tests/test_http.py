"""The routes: integrations whose credentials never come back, account lists, imports, problems, versions and keys."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from psa_sync_svc.workers.psa import AuthFailed, Permanent, RateLimited, Transient
from shared.contracts.customers import Customer, CustomerImported, CustomerLinked
from shared.contracts.topics import CUSTOMERS

SECRETS = {"username": "api@harbour.example", "secret": "s3cret-of-the-psa", "integration_code": "CODE-4711"}
NEW = {"provider": "autotask", "name": "Autotask", "base_url": "https://psa.example/", "credentials": SECRETS}
THEIRS = {"x-partner": "tide-telecom"}


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://psa") as client:
        yield client


async def created(http: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await http.post("/v1/integrations", json=NEW | fields)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def errors(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.headers["content-type"] == "application/problem+json"
    return [(problem["pointer"], problem["code"]) for problem in answer.json()["errors"]]


def at(integration: dict[str, Any], more: str = "") -> str:
    return f"/v1/integrations/{integration['integration_id']}{more}"


async def test_an_integration_is_made_and_read_and_its_credentials_stay_inside(
    http: httpx.AsyncClient, service: Any
) -> None:
    answer = await http.post("/v1/integrations", json=NEW)
    read = await http.get(answer.headers["location"])

    assert (answer.status_code, answer.headers["etag"], read.json()) == (201, '"1"', answer.json())
    assert {name: read.json()[name] for name in ("provider", "name", "base_url", "status")} == {
        "provider": "autotask",
        "name": "Autotask",
        "base_url": "https://psa.example",
        "status": "unchecked",
    }
    stored = json.dumps(await service.store.find("integrations", {}), default=repr)
    for secret in SECRETS.values():
        assert secret not in answer.text + read.text + stored


async def test_neither_logs_nor_refusals_nor_what_is_kept_of_a_request_show_a_credential(
    http: httpx.AsyncClient, service: Any, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    key = {"Idempotency-Key": "k1"}
    wrong = {**NEW, "name": " ", "credentials": {"secret": "s3cret-of-the-psa\u0007", "s3cret-of-the-psa": "x"}}
    answers = [await http.post("/v1/integrations", json=wrong, headers=key) for _ in range(2)]
    service.psa.errors = [AuthFailed("the PSA does not take these credentials")]
    made = await created(http)
    answers.append(await http.post(at(made, "/test")))
    await service.work()

    kept = [doc for name in ("refusals", "integrations", "open_work") for doc in await service.store.find(name, {})]
    everything = "".join(answer.text for answer in answers) + caplog.text + json.dumps(kept, default=repr)
    assert "s3cret" not in everything + "".join(capsys.readouterr())
    assert "s3cret" not in repr(service.psa.opened) + repr(await service.integration(made["integration_id"]))


async def test_everything_that_is_wrong_is_named_at_once(http: httpx.AsyncClient) -> None:
    wrong = {"provider": "autotask", "name": "", "base_url": "ftp://x", "credentials": {"username": "u", "secret": " "}}

    assert set(errors(await http.post("/v1/integrations", json=wrong))) == {
        ("/name", "REQUIRED"),
        ("/base_url", "INVALID"),
        ("/credentials/secret", "REQUIRED"),
        ("/credentials/integration_code", "REQUIRED"),
    }
    assert errors(await http.post("/v1/integrations", json=NEW | {"credentials": "x"})) == [("/credentials", "INVALID")]
    assert errors(await http.post("/v1/integrations", json=NEW | {"provider": "x"})) == [("/provider", "INVALID")]
    for address in ("https://u:p@psa.example", "https://psa.example/?a=b", "psa.example", "https://[", "http://:x"):
        assert errors(await http.post("/v1/integrations", json=NEW | {"base_url": address})) == [
            ("/base_url", "INVALID")
        ]


async def test_connectwise_is_created_with_four_credentials_of_its_own(http: httpx.AsyncClient) -> None:
    credentials = {"company": "harbour", "public_key": "p", "private_key": "q-secret", "client_id": "c"}
    new = {"provider": "connectwise", "name": "ConnectWise", "credentials": credentials}

    made = await http.post("/v1/integrations", json=new)
    wrong = await http.post("/v1/integrations", json=new | {"credentials": {"company": "harbour", "client_id": ""}})
    others = await http.post("/v1/integrations", json=new | {"credentials": NEW["credentials"]})

    assert made.status_code == 201
    assert (made.json()["provider"], made.json()["base_url"]) == ("connectwise", None)
    assert "q-secret" not in made.text
    assert {at for at, _ in errors(wrong)} >= {"/credentials/public_key", "/credentials/private_key"}
    assert {at for at, _ in errors(others)} >= {"/credentials/company", "/credentials/private_key"}


async def test_halopsa_is_created_with_three_credentials_of_its_own(http: httpx.AsyncClient) -> None:
    credentials = {"client_id": "c", "client_secret": "h-secret", "tenant": "harbour"}
    new = {
        "provider": "halopsa",
        "name": "HaloPSA",
        "base_url": "https://harbour.halo.example",
        "credentials": credentials,
    }

    made = await http.post("/v1/integrations", json=new)
    wrong = await http.post("/v1/integrations", json=new | {"credentials": {"client_id": "c", "tenant": ""}})

    assert (made.status_code, made.json()["provider"]) == (201, "halopsa")
    assert "h-secret" not in made.text
    assert {at for at, _ in errors(wrong)} == {"/credentials/client_secret", "/credentials/tenant"}


async def test_an_address_that_may_not_be_called_is_refused_before_anything_is_sent_there(
    http: httpx.AsyncClient, service: Any
) -> None:
    answer = await http.post("/v1/integrations", json=NEW | {"base_url": "https://evil.example"})

    assert errors(answer) == [("/base_url", "INVALID")]
    assert service.psa.calls == []


async def test_a_post_with_a_key_makes_one_integration_and_another_body_is_refused(http: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "k1"}
    answers = [await http.post("/v1/integrations", json=NEW, headers=key) for _ in range(2)]
    other = await http.post("/v1/integrations", json=NEW | {"name": "Other"}, headers=key)

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert errors(other) == [("", "IDEMPOTENCY_KEY_REUSED")]
    assert len((await http.get("/v1/integrations")).json()["items"]) == 1


async def test_another_partner_sees_and_reaches_nothing(http: httpx.AsyncClient, service: Any) -> None:
    made = await created(http)
    service.has()
    await service.work()

    for method, path in (
        ("GET", at(made)),
        ("PATCH", at(made)),
        ("DELETE", at(made)),
        ("POST", at(made, "/test")),
        ("GET", at(made, "/accounts")),
        ("GET", at(made, "/accounts/4711")),
    ):
        assert (await http.request(method, path, headers=THEIRS)).status_code == 404
    asked = {"integration_id": made["integration_id"], "account_id": "4711"}
    assert (await http.post("/v1/imports", json=asked, headers=THEIRS)).status_code == 404
    assert (await http.get("/v1/integrations", headers=THEIRS)).json() == {"items": [], "next": None}


async def test_the_list_goes_by_name_in_pages(http: httpx.AsyncClient) -> None:
    for name in ("delta", "Alpha", "charlie", "alpha"):
        await created(http, name=name)

    names: list[str] = []
    after: str | None = ""
    while after is not None:
        page = (await http.get("/v1/integrations", params={"limit": 3, "after": after})).json()
        names += [item["name"].lower() for item in page["items"]]
        after = page["next"]

    assert names == ["alpha", "alpha", "charlie", "delta"]


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


async def test_the_accounts_are_listed_by_name_in_pages_and_searched(http: httpx.AsyncClient, service: Any) -> None:
    for id, name in (("1", "Wattle (Tidé)"), ("2", "anchor"), ("3", "Buoy"), ("4", "Anchor")):
        service.has(id, name)
    made = await created(http)
    await service.work()

    names: list[str] = []
    after: str | None = ""
    while after is not None:
        page = (await http.get(at(made, "/accounts"), params={"limit": 3, "after": after})).json()
        names += [item["company_name"].lower() for item in page["items"]]
        after = page["next"]

    async def found(text: str) -> list[str]:
        answer = await http.get(at(made, "/accounts"), params={"search": text})
        return [item["account_id"] for item in answer.json()["items"]]

    assert names == ["anchor", "anchor", "buoy", "wattle (tidé)"]
    assert await found("TLE (t") == ["1"]
    assert await found("at-3") == ["3"]
    assert await found(".*") == []
    assert page["mirrored_at"] is not None
    assert (page["refreshing"], page["trouble"]) == (False, None)
    assert set(page["items"][0]) >= {"account_id", "company_name", "contact_number", "company_address", "active"}


async def test_the_first_look_waits_for_the_list_instead_of_showing_none(http: httpx.AsyncClient, service: Any) -> None:
    service.has()
    made = await created(http)
    asking = asyncio.create_task(http.get(at(made, "/accounts")))
    await service.turns()

    await service.work()

    assert len((await asking).json()["items"]) == 1


async def test_a_list_that_could_not_be_read_yet_is_a_problem_and_not_an_empty_list(
    http: httpx.AsyncClient, service: Any
) -> None:
    made = await created(http)
    waiting = await http.get(at(made, "/accounts"))
    service.psa.errors = [Permanent("there is no PSA at this address")]
    await service.work()
    wrong = await http.get(at(made, "/accounts"))

    assert (waiting.status_code, errors(waiting)) == (503, [("", "UNAVAILABLE")])
    assert int(waiting.headers["retry-after"]) > 0
    assert (wrong.status_code, errors(wrong)) == (502, [("", "INVALID")])


async def test_a_list_that_was_never_read_is_searched_in_the_psa_itself(http: httpx.AsyncClient, service: Any) -> None:
    for id, name in (("1", "Wattle & Tide"), ("2", "anchor tide"), ("3", "Buoy")):
        service.has(id, name)
    made = await created(http)

    async def found(text: str) -> dict[str, Any]:
        page: dict[str, Any] = (await http.get(at(made, "/accounts"), params={"search": text})).json()
        return page | {"items": [item["account_id"] for item in page["items"]]}

    there = await found("ide")
    await service.work()
    calls = len(service.psa.calls)
    mirrored = await found("TIDE")

    assert (there["items"], there["next"], there["mirrored_at"], there["refreshing"]) == (["2", "1"], None, None, True)
    assert (mirrored["items"], mirrored["mirrored_at"] is not None) == (["2", "1"], True)
    assert service.psa.calls[0] == "search ide"
    assert len(service.psa.calls) == calls


async def test_a_psa_that_refuses_the_credentials_is_not_searched_again(http: httpx.AsyncClient, service: Any) -> None:
    made = await created(http)
    service.psa.errors = [AuthFailed("the PSA does not take these credentials")]

    answers = [await http.get(at(made, "/accounts"), params={"search": "x"}) for _ in range(2)]

    assert [errors(answer) for answer in answers] == [[("", "AUTH_FAILED")]] * 2
    assert service.psa.calls == ["search x"]
    assert (await service.integration(made["integration_id"])).status == "auth_failed"


async def test_a_list_that_cannot_be_read_is_not_searched_there(http: httpx.AsyncClient, service: Any) -> None:
    made = await created(http)
    service.psa.errors = [Permanent("there is no PSA at this address")]
    await service.work()

    answer = await http.get(at(made, "/accounts"), params={"search": "x"})

    assert (answer.status_code, errors(answer)) == (502, [("", "INVALID")])
    assert "search x" not in service.psa.calls


async def test_a_psa_without_accounts_has_an_empty_list(http: httpx.AsyncClient, service: Any) -> None:
    made = await created(http)
    await service.work()

    page = (await http.get(at(made, "/accounts"))).json()

    assert (page["items"], page["mirrored_at"] is not None) == ([], True)


async def test_an_old_list_is_shown_while_it_is_read_anew_and_trouble_is_told_beside_it(
    http: httpx.AsyncClient, service: Any
) -> None:
    service.has()
    made = await created(http)
    await service.work()
    fresh = (await http.get(at(made, "/accounts"))).json()
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    await service.store.update_if("mirrors", made["integration_id"], {}, {"$set": {"state.mirrored_at": yesterday}})

    old = (await http.get(at(made, "/accounts"))).json()
    service.psa.errors = [Permanent("the endpoint is gone")]
    await service.work()
    troubled = (await http.get(at(made, "/accounts"))).json()

    assert (fresh["refreshing"], old["refreshing"], len(old["items"])) == (False, True, 1)
    assert (troubled["trouble"]["code"], len(troubled["items"])) == ("INVALID", 1)
    assert troubled["refreshing"] is False


async def test_one_account_is_read_fresh_and_trouble_is_told_for_what_it_is(
    http: httpx.AsyncClient, service: Any
) -> None:
    made = await created(http)
    service.has(name="As it is now", email_hint="reception@wattle.example")

    now = await http.get(at(made, "/accounts/4711"))
    missing = await http.get(at(made, "/accounts/404"))
    strange = await http.get(at(made, "/accounts/a%20b"))
    service.psa.errors = [RateLimited("too many calls", 40.2), Transient("an error page"), Permanent("no such field")]
    limited, away, wrong = [await http.get(at(made, "/accounts/4711")) for _ in range(3)]

    assert (now.json()["company_name"], now.json()["email_hint"]) == ("As it is now", "reception@wattle.example")
    assert [answer.status_code for answer in (missing, strange, limited, away, wrong)] == [404, 404, 503, 503, 502]
    assert errors(limited) == [("", "RATE_LIMITED")]
    assert limited.headers["retry-after"] == "41"
    assert "account a b" not in service.psa.calls


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


async def test_the_document_of_the_routes_can_be_made_and_shows_no_credentials(http: httpx.AsyncClient) -> None:
    document = (await http.get("/openapi.json")).json()
    shapes = document["components"]["schemas"]

    assert "/v1/imports/{request_id}" in document["paths"]
    assert set(shapes["AutotaskCredentials"]["properties"]) == set(SECRETS)
    assert "credentials" not in shapes["ShownIntegration"]["properties"]
    assert (await http.put("/v1/integrations")).headers["allow"] == "GET, POST"
