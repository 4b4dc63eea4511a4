"""Integrations: their credentials never come back, what is wrong with one is named, and another partner sees none."""

import json
import logging
from typing import Any

import httpx
import pytest

from psa_sync_svc.workers.psa import AuthFailed

from .asking import NEW, SECRETS, THEIRS, at, created, errors


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


async def test_the_document_of_the_routes_can_be_made_and_shows_no_credentials(http: httpx.AsyncClient) -> None:
    document = (await http.get("/openapi.json")).json()
    shapes = document["components"]["schemas"]

    assert "/v1/imports/{request_id}" in document["paths"]
    assert set(shapes["AutotaskCredentials"]["properties"]) == set(SECRETS)
    assert "credentials" not in shapes["ShownIntegration"]["properties"]
    assert (await http.put("/v1/integrations")).headers["allow"] == "GET, POST"
