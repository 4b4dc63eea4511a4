"""The routes, and an integration of each kind whose account 4711 is in its list."""

from typing import Any

import httpx
import pytest

from psa_sync_svc.domain.provider import Provider

from .sending import KEY_URL


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
