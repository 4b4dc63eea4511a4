"""An integration's status: what was answered last, up to when it was polled, how often, and when its list was read."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from psa_sync_svc.workers.psa import AuthFailed, RateLimited
from shared.contracts.topics import CUSTOMERS

from .watching import linked_customer, next_poll, stamp, watched

THEIRS = {"x-partner": "tide-telecom"}


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://psa") as client:
        yield client


async def shown(http: httpx.AsyncClient, integration: Any) -> dict[str, Any]:
    answer = await http.get(f"/v1/integrations/{integration.integration_id}/status")
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


async def test_a_new_one_was_never_polled_and_its_list_is_due(service: Any, http: httpx.AsyncClient) -> None:
    integration = await service.integrated()

    found = await shown(http, integration)

    assert (found["integration_id"], found["status"]) == (integration.integration_id, "unchecked")
    assert (found["polling"]["polled_at"], found["polling"]["watermark"]) == (None, None)
    assert (found["account_list"]["read_at"], found["account_list"]["refreshing"]) == (None, True)


async def test_a_poll_moves_the_watermark_and_sets_the_pace(service: Any, clock: Any, http: httpx.AsyncClient) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    integration, _ = await watched(service, "4711")
    before = await shown(http, integration)
    service.has("4711", "Wattle & Sons", modified_at=stamp(seconds=1))

    await next_poll(service, clock)

    found = await shown(http, integration)
    polling, watch = found["polling"], await service.watch(integration)
    assert (found["status"], polling["watching"], polling["tries"], polling["trouble"]) == ("connected", True, 0, None)
    assert (polling["polled_at"], polling["watermark"]) == (watch.polled_at, watch.watermark)
    assert before["polling"]["watermark"] < polling["watermark"]
    assert polling["pause_s"] == 60.0
    assert datetime.fromisoformat(polling["next_at"]) == datetime.fromisoformat(watch.due_at)
    assert found["account_list"] == {
        "read_at": (await service.mirror(integration.integration_id)).mirrored_at,
        "accounts": 1,
        "refreshing": False,
        "next_at": None,
        "tries": 0,
        "trouble": None,
    }


async def test_what_holds_polls_up_is_named_with_when_it_goes_on(
    service: Any, clock: Any, http: httpx.AsyncClient
) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    integration, _ = await watched(service, "4711")
    service.psa.errors = [RateLimited("Autotask takes no more calls now", 1_000)]

    await next_poll(service, clock)

    polling = (await shown(http, integration))["polling"]
    assert (polling["tries"], polling["trouble"]["code"]) == (1, "RATE_LIMITED")
    assert polling["next_at"] > polling["trouble"]["at"]


async def test_refused_credentials_end_polling_and_are_shown_as_the_reason(
    service: Any, clock: Any, http: httpx.AsyncClient
) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    integration, _ = await watched(service, "4711")
    service.psa.errors = [AuthFailed("Autotask does not take these credentials")]

    await next_poll(service, clock)

    found = await shown(http, integration)
    assert (found["status"], found["code"]) == ("auth_failed", "AUTH_FAILED")
    assert (found["polling"]["watching"], found["polling"]["trouble"]["code"]) == (False, "AUTH_FAILED")


async def test_of_a_new_connection_the_old_watermark_is_not_shown(service: Any, http: httpx.AsyncClient) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    integration, _ = await watched(service, "4711")
    assert (await shown(http, integration))["polling"]["watermark"] is not None

    await service.reconnected(integration)

    assert (await shown(http, integration))["polling"]["watermark"] is None


async def test_another_partner_finds_none(service: Any, http: httpx.AsyncClient) -> None:
    integration = await service.integrated()
    await service.hear(CUSTOMERS, linked_customer(integration, "4711"))

    answer = await http.get(f"/v1/integrations/{integration.integration_id}/status", headers=THEIRS)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "NOT_FOUND")
