"""ConnectWise's callbacks, believed by a key that is fetched from nowhere but its own servers, and seldom."""

from typing import Any

import httpx
import pytest

from psa_sync_svc.domain.integration import Integration
from psa_sync_svc.domain.provider import Provider

from .sending import KEY_URL, at, callback, everything, linked, looks_at, problems, sealed_by


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
