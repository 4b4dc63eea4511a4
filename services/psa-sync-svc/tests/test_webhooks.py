"""What PSAs send: proved in each vendor's way, taken once, and no more than a hint; anything else leaves no trace."""

import asyncio
import hmac
import json
import logging
import os
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha1, sha256
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from psa_sync_svc.adapters.vault import KeyVault
from psa_sync_svc.aggregates import LINK
from psa_sync_svc.domain.integration import Integration
from psa_sync_svc.domain.provider import Provider
from psa_sync_svc.handlers.notice_account import noticing_account
from psa_sync_svc.workers.asking import now
from psa_sync_svc.workers.envelope import work_meta
from psa_sync_svc.workers.hearing import stop_token
from psa_sync_svc.workers.reseal import Reseal
from psa_sync_svc.workers.vault import Owner
from shared.contracts import customers
from shared.contracts.topics import CUSTOMERS
from shared.engine.leases import Leases

KEY_URL = "https://api-na.myconnectwise.net/v2025_1/apis/3.0/keys/1"
THEIRS = {"x-partner": "tide-telecom"}


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://psa") as client:
        yield client


def event(account_id: object = 4711, **more: Any) -> bytes:
    """As Autotask writes it, escapes included."""
    at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    told = {"Action": "Update", "EntityType": "Account", "Id": account_id, "EventTime": at, "SequenceNumber": 7}
    return json.dumps(told | {"Fields": {"companyName": "Ørsted"}, "Guid": str(uuid4())} | more).encode()


def signed(secret: str, body: bytes) -> dict[str, str]:
    return {"X-Hook-Signature": "sha1=" + b64encode(hmac.digest(secret.encode(), body, sha1)).decode()}


def callback(account_id: object = 4711, key_url: object = KEY_URL, **more: Any) -> bytes:
    """As ConnectWise writes it; what it says of the company is JSON in JSON."""
    told = {"MessageId": str(uuid4()), "CompanyId": "harbour", "Action": "updated", "Type": "company", "ID": account_id}
    return json.dumps(told | {"Entity": "{}", "Metadata": {"key_url": key_url}} | more).encode()


def sealed_by(key: str, body: bytes) -> dict[str, str]:
    digest = hmac.digest(sha256(key.encode()).digest(), body, sha256)
    return {"x-content-signature": b64encode(digest).decode()}


def at(integration: Integration, more: str = "") -> str:
    return f"/v1/webhooks/{integration.integration_id}{more}"


async def secret_of(http: httpx.AsyncClient, integration: Integration) -> str:
    answer = await http.post(f"/v1/integrations/{integration.integration_id}/webhook-secret")
    assert answer.status_code == 201, answer.text
    secret: str = answer.json()["secret"]
    return secret


async def linked(service: Any, integration: Integration, account_id: str = "4711") -> str:
    """A customer that is linked with this account, which was read since."""
    id = str(uuid4())
    link = {"integration_id": integration.integration_id, "account_id": account_id, "link_version": 1}
    customer = {
        "customer_id": id,
        "partner_id": "harbour-it",
        "version": 1,
        "status": "active",
        "company_name": "Wattle & Tide",
        "integration": link,
        "created_at": "2026-07-01T00:00:00Z",
        "updated_at": "2026-07-01T00:00:00Z",
    }
    await service.hear(CUSTOMERS, customers.CustomerLinked.model_validate({"customer": customer}))
    await service.work()
    seen = noticing_account(
        integration, id, account_id, service.psa.accounts_there[account_id], now(), region=None, under_lease=True
    )
    await service.engine.execute([seen], work_meta("harbour-it", "test"))
    assert not await looks_at(service, id)
    return id


async def looks_at(service: Any, customer_id: str) -> bool:
    found = await service.engine.read(LINK, customer_id)
    return bool(found.look)


async def everything(service: Any) -> dict[str, Any]:
    """All that the store holds, and how often each document was written."""
    names = ("integrations", "links", "watches", "deliveries", "open_work", "accounts", "refusals")
    return {name: await service.store.find(name, {}, sort=[("_id", 1)]) for name in names}


def problems(answer: httpx.Response) -> list[str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return [each["code"] for each in answer.json()["errors"]]


@pytest.fixture
async def autotask(service: Any) -> Any:
    service.has("4711")
    integration = await service.integrated()
    await service.work()
    return integration


@pytest.fixture
async def connectwise(service: Any) -> Any:
    service.has("4711")
    service.keys.answers[KEY_URL] = httpx.Response(200, json={"signing_key": "signing-key-1"})
    integration = await service.integrated(provider=Provider.CONNECTWISE, base_url=None, company="Harbour")
    await service.work()
    return integration


async def test_a_webhook_of_a_linked_account_has_it_read_at_once_and_calls_no_psa(
    http: httpx.AsyncClient, service: Any, autotask: Integration
) -> None:
    secret = await secret_of(http, autotask)
    customer_id = await linked(service, autotask)
    service.psa.calls.clear()
    body = event()

    answer = await http.post(at(autotask), content=body, headers=signed(secret, body))

    assert (answer.status_code, answer.json()) == (200, {"accepted": True})
    assert await looks_at(service, customer_id)
    assert service.psa.calls == []


async def test_a_webhook_of_an_account_that_nobody_is_linked_with_makes_a_poll_due_now(
    http: httpx.AsyncClient, service: Any, autotask: Integration
) -> None:
    secret = await secret_of(http, autotask)
    customer_id = await linked(service, autotask)
    before = await service.watch(autotask)
    body = event(4799)

    await http.post(at(autotask), content=body, headers=signed(secret, body))

    watch = await service.watch(autotask)
    assert datetime.fromisoformat(watch.due_at) < datetime.fromisoformat(before.due_at)
    assert watch.wanted == before.wanted + 1
    assert not await looks_at(service, customer_id)


async def test_where_nobody_is_linked_a_webhook_is_one_poll_and_no_more(
    http: httpx.AsyncClient, service: Any, autotask: Integration, clock: Any
) -> None:
    secret, body = await secret_of(http, autotask), event(4799)
    await http.post(at(autotask), content=body, headers=signed(secret, body))
    service.psa.calls.clear()

    for _ in range(4):
        clock.pass_(seconds=901)
        await service.work()

    assert service.psa.calls == ["poll"]


def test_signatures_are_what_openssl_makes_of_the_same_bytes() -> None:
    body = (
        rb'{"Action":"Update","EntityType":"Account","Id":4711,"Fields":{"companyName":"\u00D8rsted \u0026 S\u00F8n"},'
        rb'"EventTime":"2026-11-24T01:00:00Z","SequenceNumber":7}'
    )
    called = (
        b'{"MessageId":"m-1","CompanyId":"harbour","Action":"updated","Type":"company","ID":4711,"Entity":"{}",'
        b'"Metadata":{"key_url":"https://api-na.myconnectwise.net/v2025_1/apis/3.0/keys/1"}}'
    )

    assert signed("a-secret-of-the-hook", body)["X-Hook-Signature"] == "sha1=t7Ivh7MwaMmjOwuJD039aGlyy9Q="
    assert sealed_by("signing-key-1", called)["x-content-signature"] == "vcmafQU8CZOaBc6zBBFWs9D3f2IoHWCZ+WAa5y13mqQ="


Wrong = Callable[[str, bytes], tuple[bytes, Any]]
WRONG: dict[str, Wrong] = {
    "no signature": lambda _, body: (body, {}),
    "another secret": lambda _, body: (body, signed("another secret", body)),
    "an empty secret": lambda _, body: (body, signed("", body)),
    "another body": lambda secret, body: (body.replace(b"4711", b"4712"), signed(secret, body)),
    "the same, written anew": lambda secret, body: (json.dumps(json.loads(body)).encode() + b" ", signed(secret, body)),
    "without its name": lambda secret, body: (body, {"X-Hook-Signature": signed(secret, body)["X-Hook-Signature"][5:]}),
    "of another algorithm": lambda secret, body: (
        body,
        {"X-Hook-Signature": "sha256=" + b64encode(hmac.digest(secret.encode(), body, sha256)).decode()},
    ),
    "twice": lambda secret, body: (body, [*signed(secret, body).items(), *signed(secret, body).items()]),
    "letters of any kind": lambda _, body: (body, {"X-Hook-Signature": "sha1=ø".encode()}),
    "of another vendor": lambda secret, body: (body, sealed_by(secret, body)),
    "a bearer's": lambda secret, body: (body, {"Authorization": f"Bearer {secret}"}),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_signature_is_refused_and_leaves_no_trace(
    http: httpx.AsyncClient, service: Any, autotask: Integration, wrong: Wrong
) -> None:
    secret = await secret_of(http, autotask)
    await linked(service, autotask)
    before = await everything(service)
    body, headers = wrong(secret, event())

    answer = await http.post(at(autotask), content=body, headers=headers)

    assert (answer.status_code, problems(answer)) == (401, ["NOT_PROVED"])
    assert await everything(service) == before


async def test_an_integration_that_there_is_not_answers_as_a_wrong_signature_does(
    http: httpx.AsyncClient, service: Any, autotask: Integration
) -> None:
    await secret_of(http, autotask)
    without = await service.integrated()
    deleted = await service.integrated()
    secret = await secret_of(http, deleted)
    await service.removed(deleted)
    body = event()
    headers = signed(secret, body)

    answers = [
        await http.post(f"/v1/webhooks/{id}", content=body, headers=headers)
        for id in (autotask.integration_id, without.integration_id, deleted.integration_id, str(uuid4()), "no id")
    ]

    told = [{**answer.json(), "correlation_id": None} for answer in answers]
    assert [answer.status_code for answer in answers] == [401] * 5
    assert all(each == told[0] for each in told)
    assert len({tuple(sorted(answer.headers.keys())) for answer in answers}) == 1


async def test_the_same_delivery_is_taken_once(http: httpx.AsyncClient, service: Any, autotask: Integration) -> None:
    secret = await secret_of(http, autotask)
    await linked(service, autotask)
    body = event()
    await http.post(at(autotask), content=body, headers=signed(secret, body))
    before = await everything(service)

    again = await http.post(at(autotask), content=body, headers=signed(secret, body))

    assert (again.status_code, problems(again)) == (401, ["REPLAYED"])
    assert await everything(service) == before
    assert len(before["deliveries"]) == 1


async def test_a_delivery_that_is_too_old_to_be_remembered_is_refused_and_forgotten_ones_make_room(
    http: httpx.AsyncClient, service: Any, autotask: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, body = await secret_of(http, autotask), event()
    await http.post(at(autotask), content=body, headers=signed(secret, body))
    later = int((datetime.now(UTC) + timedelta(days=3)).timestamp() * 1000)
    monkeypatch.setattr("shared.engine.leases.now_ms", lambda: later)

    forgotten = await service.deliveries.forget_old()
    again = await http.post(at(autotask), content=body, headers=signed(secret, body))

    assert forgotten == 1
    assert (again.status_code, problems(again)) == (401, ["REPLAYED"])


async def test_a_signed_body_that_cannot_be_read_is_refused_as_that(
    http: httpx.AsyncClient, autotask: Integration
) -> None:
    secret = await secret_of(http, autotask)

    for body in (b"{", b"[]", b"[" * 100_000, b"\xff"):
        answer = await http.post(at(autotask), content=body, headers=signed(secret, body))
        assert (answer.status_code, problems(answer)) == (400, ["MALFORMED"])


async def test_what_is_about_something_else_is_taken_and_does_nothing(
    http: httpx.AsyncClient, service: Any, autotask: Integration
) -> None:
    secret = await secret_of(http, autotask)
    before = (await everything(service))["watches"]

    for body in (event(EntityType="Contact"), event(None), event("4711; drop"), event(True), event({"a": 1})):
        assert (await http.post(at(autotask), content=body, headers=signed(secret, body))).status_code == 200

    assert (await everything(service))["watches"] == before


async def test_a_body_that_is_too_large_is_not_looked_at(http: httpx.AsyncClient, autotask: Integration) -> None:
    secret, body = await secret_of(http, autotask), event(Fields={"x": "y" * 300_000})

    answer = await http.post(at(autotask), content=body, headers=signed(secret, body))

    assert answer.status_code == 413


async def test_a_secret_is_shown_once_and_another_takes_its_place(
    http: httpx.AsyncClient, service: Any, autotask: Integration
) -> None:
    path = f"/v1/integrations/{autotask.integration_id}"
    first = await secret_of(http, autotask)
    shown = (await http.get(path)).json()
    second = await secret_of(http, autotask)
    body = event()

    old = await http.post(at(autotask), content=body, headers=signed(first, body))
    new = await http.post(at(autotask), content=body, headers=signed(second, body))

    assert (old.status_code, new.status_code) == (401, 200)
    assert len(second) == 43
    assert shown["webhook"].keys() == {"secret_made_at", "stopped_at"}
    stored = json.dumps(await everything(service), default=repr)
    assert first not in stored + json.dumps(shown)
    assert second not in stored


async def test_a_repeated_request_for_a_secret_is_answered_with_what_it_made(
    http: httpx.AsyncClient, autotask: Integration
) -> None:
    path, key = f"/v1/integrations/{autotask.integration_id}/webhook-secret", {"Idempotency-Key": "k1"}

    first, again = [await http.post(path, headers=key) for _ in range(2)]

    assert first.json() == again.json()


async def test_a_secret_is_given_to_the_partner_only_and_where_there_is_one(
    http: httpx.AsyncClient, autotask: Integration, connectwise: Integration
) -> None:
    theirs = await http.post(f"/v1/integrations/{autotask.integration_id}/webhook-secret", headers=THEIRS)
    none = await http.post(f"/v1/integrations/{connectwise.integration_id}/webhook-secret")

    assert (theirs.status_code, none.status_code, problems(none)) == (404, 422, ["NOT_NEEDED"])


async def test_no_log_shows_a_secret_or_what_was_sent(
    http: httpx.AsyncClient,
    autotask: Integration,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    secret, body = await secret_of(http, autotask), event(Fields={"companyName": "Nobody may read this"})

    for headers in (signed(secret, body), signed("wrong-secret-sent", body), {"Authorization": f"Bearer {secret}"}):
        await http.post(at(autotask), content=body, headers=headers)

    told = caplog.text + "".join(capsys.readouterr())
    assert "webhook refused" in told
    assert secret not in told
    assert "Nobody may read" not in told


async def test_a_change_of_keys_seals_the_secret_anew(
    http: httpx.AsyncClient, service: Any, autotask: Integration
) -> None:
    secret = await secret_of(http, autotask)
    new = os.urandom(32)
    sweep = Reseal(service.engine, Leases(service.store), KeyVault(new, *service.settings.keys))

    steps = [await sweep.step() for _ in range(2)]

    after = await service.integration(autotask.integration_id)
    owner = Owner(after.partner_id, after.integration_id)
    assert steps == [1, 0]
    assert secret in KeyVault(new).unseal(owner, after.webhook.secret).values()
    assert after.connection == autotask.connection


async def test_a_secret_under_a_key_that_this_process_has_not_yet_is_waited_for(
    http: httpx.AsyncClient, service: Any, autotask: Integration
) -> None:
    secret, body = await secret_of(http, autotask), event()
    await Reseal(service.engine, Leases(service.store), KeyVault(os.urandom(32), *service.settings.keys)).step()

    answer = await http.post(at(autotask), content=body, headers=signed(secret, body))

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")


async def test_a_callback_of_connectwise_is_believed_by_its_key_which_is_fetched_once(
    http: httpx.AsyncClient, service: Any, connectwise: Integration
) -> None:
    customer_id = await linked(service, connectwise)
    service.psa.calls.clear()

    for body in (callback(), callback(CompanyId="HARBOUR")):
        answer = await http.post(at(connectwise), content=body, headers=sealed_by("signing-key-1", body))
        assert answer.status_code == 200

    assert await looks_at(service, customer_id)
    assert [str(request.headers["host"]) for request in service.keys.asked] == ["api-na.myconnectwise.net"]
    assert "authorization" not in service.keys.asked[0].headers
    assert service.psa.calls == []


ELSEWHERE = (
    "https://evil.example/key",
    "http://api-na.myconnectwise.net/v2025_1/apis/3.0/keys/1",
    "https://myconnectwise.net.evil.example/key",
    "https://evilmyconnectwise.net/key",
    "https://user:pass@api-na.myconnectwise.net/key",
    "https://api-na.myconnectwise.net:8443/key",
    "https://api-na.myconnectwise.net@evil.example/key",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/key",
    "file:///etc/passwd",
    "//api-na.myconnectwise.net/key",
    "https://api-na.myconnectwise.net/" + "k" * 600,
    "https://api-na.myconnectwise.net\u0000.evil.example/",
    "",
    None,
    7,
)


@pytest.mark.parametrize("url", ELSEWHERE)
async def test_no_key_is_fetched_from_anywhere_else(
    http: httpx.AsyncClient, service: Any, connectwise: Integration, url: object
) -> None:
    before, body = await everything(service), callback(key_url=url)

    answer = await http.post(at(connectwise), content=body, headers=sealed_by("signing-key-1", body))

    assert (answer.status_code, problems(answer)) == (401, ["NOT_PROVED"])
    assert service.keys.asked == []
    assert await everything(service) == before


async def test_an_integration_with_a_server_of_its_own_has_its_keys_there_only(
    http: httpx.AsyncClient, service: Any
) -> None:
    integration = await service.integrated(provider=Provider.CONNECTWISE, company="harbour")
    there = "https://psa.example/keys/1"
    service.keys.answers[there] = httpx.Response(200, json={"signing_key": "k"})
    ours, cloud = callback(key_url=there), callback(key_url=KEY_URL)

    answers = [await http.post(at(integration), content=body, headers=sealed_by("k", body)) for body in (ours, cloud)]

    assert [answer.status_code for answer in answers] == [200, 401]
    assert len(service.keys.asked) == 1


async def test_a_callback_that_another_company_had_signed_is_not_believed_and_fetches_nothing(
    http: httpx.AsyncClient, service: Any, connectwise: Integration
) -> None:
    for body in (callback(CompanyId="tide"), callback(CompanyId=None)):
        answer = await http.post(at(connectwise), content=body, headers=sealed_by("signing-key-1", body))
        assert answer.status_code == 401

    assert service.keys.asked == []


async def test_a_changed_body_or_another_key_is_not_believed(
    http: httpx.AsyncClient, service: Any, connectwise: Integration
) -> None:
    body = callback()
    changed = body.replace(b"4711", b"4712")
    wrong = [(changed, sealed_by("signing-key-1", body)), (body, sealed_by("another", body)), (body, {})]

    answers = [await http.post(at(connectwise), content=sent, headers=headers) for sent, headers in wrong]

    assert [answer.status_code for answer in answers] == [401] * 3
    assert len(service.keys.asked) == 1


async def test_a_key_that_was_changed_there_is_fetched_again_after_a_while(
    http: httpx.AsyncClient, service: Any, connectwise: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = callback(), callback()
    await http.post(at(connectwise), content=first, headers=sealed_by("signing-key-1", first))
    service.keys.answers[KEY_URL] = httpx.Response(200, json={"signing_key": "signing-key-2"})
    monkeypatch.setattr("psa_sync_svc.adapters.webhooks.signing_keys._SOON_S", 0.0)

    answer = await http.post(at(connectwise), content=second, headers=sealed_by("signing-key-2", second))

    assert answer.status_code == 200
    assert len(service.keys.asked) == 2


async def test_however_much_is_sent_keys_are_fetched_seldom(
    http: httpx.AsyncClient, service: Any, connectwise: Integration
) -> None:
    good = callback()
    await http.post(at(connectwise), content=good, headers=sealed_by("signing-key-1", good))
    bodies = [callback(key_url=f"{KEY_URL}?n={number}") for number in range(40)]

    answers = [await http.post(at(connectwise), content=body, headers=sealed_by("x", body)) for body in bodies]

    assert len(service.keys.asked) <= 12
    assert {answer.status_code for answer in answers} == {401, 503}
    another = callback()
    known = await http.post(at(connectwise), content=another, headers=sealed_by("signing-key-1", another))
    assert known.status_code == 200


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (httpx.Response(200, json={"signing_key": ""}), 401),
        (httpx.Response(200, json=["signing_key"]), 401),
        (httpx.Response(200, content=b"<html>"), 401),
        (httpx.Response(200, content=b"x" * 100_000), 401),
        (httpx.Response(302, headers={"Location": "https://evil.example/key"}), 401),
        (httpx.Response(404), 401),
        (httpx.Response(500), 503),
        (httpx.Response(429), 503),
    ],
)
async def test_what_is_no_key_proves_nothing(
    http: httpx.AsyncClient, service: Any, connectwise: Integration, answer: httpx.Response, status: int
) -> None:
    service.keys.answers[KEY_URL] = answer
    body = callback()

    refused = await http.post(at(connectwise), content=body, headers=sealed_by("signing-key-1", body))

    assert refused.status_code == status
    assert [request.headers["host"] for request in service.keys.asked] == ["api-na.myconnectwise.net"]
    assert (await everything(service))["deliveries"] == []


@pytest.mark.parametrize("how", ["bearer", "basic", "header"])
async def test_halo_proves_itself_by_the_secret_in_a_header(http: httpx.AsyncClient, service: Any, how: str) -> None:
    service.has("12")
    integration = await service.integrated(provider=Provider.HALOPSA)
    secret = await secret_of(http, integration)
    customer_id = await linked(service, integration, "12")
    basic = b64encode(f"rebilling:{secret}".encode()).decode()
    headers = {
        "bearer": {"Authorization": f"Bearer {secret}"},
        "basic": {"Authorization": f"Basic {basic}"},
        "header": {"X-Webhook-Secret": secret},
    }[how]

    answer = await http.post(at(integration), json={"event": "Client Updated", "client_id": 12}, headers=headers)

    assert answer.status_code == 200
    assert await looks_at(service, customer_id)


async def test_halos_wrong_secrets_are_refused(http: httpx.AsyncClient, service: Any) -> None:
    integration = await service.integrated(provider=Provider.HALOPSA)
    secret = await secret_of(http, integration)
    before = await everything(service)
    wrong: list[dict[str, str]] = [
        {},
        {"Authorization": "Bearer "},
        {"Authorization": f"Bearer {secret[:-1]}"},
        {"Authorization": f"Digest {secret}"},
        {"Authorization": "Basic !"},
        {"Authorization": "Basic " + b64encode(secret.encode()).decode()},
        {"X-Api-Key": secret},
    ]

    for headers in wrong:
        assert (await http.post(at(integration), json={"client_id": 12}, headers=headers)).status_code == 401

    assert await everything(service) == before


@pytest.mark.parametrize("body", [b"", b"not JSON", b"{}", b"[[]]", b'{"client_id": null}', b"[" * 100_000])
async def test_whatever_halo_says_without_a_client_makes_a_poll_due(
    http: httpx.AsyncClient, service: Any, body: bytes
) -> None:
    integration = await service.integrated(provider=Provider.HALOPSA)
    secret = await secret_of(http, integration)
    await service.work()

    answer = await http.post(at(integration), content=body, headers={"Authorization": f"Bearer {secret}"})

    assert answer.status_code == 200
    assert (await service.watch(integration)).hinted


async def test_a_notice_that_the_psa_has_stopped_is_shown_until_it_sends_again(
    http: httpx.AsyncClient, autotask: Integration
) -> None:
    path = f"/v1/integrations/{autotask.integration_id}"
    made = (await http.post(f"{path}/webhook-secret")).json()

    stopped = await http.post(made["stopped_path"], content=b'{"Action": "Deactivated"}')
    during = (await http.get(path)).json()["webhook"]["stopped_at"]
    body = event()
    await http.post(made["path"], content=body, headers=signed(made["secret"], body))
    after = (await http.get(path)).json()["webhook"]["stopped_at"]

    assert stopped.status_code == 200
    assert during is not None
    assert after is None


async def test_only_who_knows_the_address_can_say_that_it_has_stopped(
    http: httpx.AsyncClient, service: Any, autotask: Integration
) -> None:
    secret = await secret_of(http, autotask)
    before = await everything(service)

    tokens = ("x" * 24, secret[:24], stop_token("another"))
    guesses = [await http.post(at(autotask, f"/stopped/{token}")) for token in tokens]
    unsigned = await http.post(at(autotask), content=event(Action="Deactivated"))

    assert [answer.status_code for answer in (*guesses, unsigned)] == [401] * 4
    assert await everything(service) == before


async def test_a_signed_notice_that_it_has_stopped_counts_as_well(
    http: httpx.AsyncClient, service: Any, autotask: Integration
) -> None:
    secret, body = await secret_of(http, autotask), event(Action="Deactivated")

    await http.post(at(autotask), content=body, headers=signed(secret, body))

    assert (await service.integration(autotask.integration_id)).webhook.stopped_at is not None


async def test_many_deliveries_at_the_same_moment_are_all_taken(
    http: httpx.AsyncClient, service: Any, autotask: Integration
) -> None:
    secret, bodies = await secret_of(http, autotask), [event() for _ in range(20)]

    answers = await asyncio.gather(
        *(http.post(at(autotask), content=body, headers=signed(secret, body)) for body in bodies)
    )

    assert {answer.status_code for answer in answers} == {200}
    assert len((await everything(service))["deliveries"]) == 20
