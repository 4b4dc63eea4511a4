"""HaloPSA's webhooks, proved by a secret in a header."""

from base64 import b64encode
from typing import Any

import httpx
import pytest

from psa_sync_svc.domain.provider import Provider

from .sending import at, everything, linked, looks_at, secret_of


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
