"""customer-svc over a store that speaks TLS and lets in who has the password, which is told nowhere."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from embedded.part import Part
from embedded.stack import Stack
from ops.identity import identity_in
from tests.component.partner import until
from tests.component.process import a_service, ready, stopped
from tests.secured_store import PASSWORD, Door, a_door

pytestmark = pytest.mark.embedded
NOWHERE = (PASSWORD, "invented%2Fp%40ss%3Aword", "invented")


@pytest_asyncio.fixture
async def door(stack: Stack, tmp_path: Path) -> AsyncIterator[Door]:
    async with a_door(tmp_path, stack.store.port) as door:
        yield door


def a_customer_svc(stack: Stack, home: Path, uri: str, door: Door) -> Part:
    """As in production: the address with its password is a file."""
    secrets = home / "secrets"
    secrets.mkdir()
    (secrets / "REBILLING_MONGODB__URI").write_text(uri)
    told = {"MONGODB__URI": "", "SECRETS_DIR": str(secrets), "MONGODB__CA_FILE": str(door.ca_file)}
    return a_service("customer-svc", stack, f"secured_{uuid4().hex[:8]}_", home, **told)


async def test_it_does_its_work_and_tells_the_password_nowhere(
    servers: str, stack: Stack, door: Door, tmp_path: Path
) -> None:
    del servers  # with its topics
    service = a_customer_svc(stack, tmp_path, door.uri(), door)
    service.launch()
    own = {"Authorization": f"Bearer {identity_in(tmp_path).token('harbour')}"}
    try:
        await ready(service)
        async with httpx.AsyncClient(base_url=service.url, headers=own, trust_env=False, timeout=30) as http:
            made = await http.post("/v1/customers", json={"company_name": "Nordlicht"})
            found = await http.get("/v1/customers")
            shown = [(await http.get(path)).text for path in ("/metrics", "/readyz", "/healthz", "/openapi.json")]
    finally:
        code = await stopped(service)

    assert made.status_code == 201
    assert [each["company_name"] for each in found.json()["items"]] == ["Nordlicht"]
    assert code == 0
    for text in (service.log.read_text(), *shown):
        assert not [secret for secret in NOWHERE if secret in text]


async def test_with_a_wrong_password_it_waits_and_says_which_setting_it_is(
    servers: str, stack: Stack, door: Door, tmp_path: Path
) -> None:
    del servers
    service = a_customer_svc(stack, tmp_path, door.uri(password="invented-anew"), door)
    service.launch()

    async def waits() -> bool:
        return "waiting to start" in service.log.read_text()

    try:
        await until(waits)
        async with httpx.AsyncClient(base_url=service.url, trust_env=False, timeout=30) as http:
            shown = [(await http.get(path)).text for path in ("/readyz", "/metrics")]
    finally:
        await stopped(service)

    lines = [json.loads(line) for line in service.log.read_text().splitlines()]
    [first, *_] = [line for line in lines if line["level"] == "error"]
    assert first["error"].endswith("document store: error 18 AuthenticationFailed")
    assert "REBILLING_MONGODB__URI" in first["hint"]
    for text in (service.log.read_text(), *shown):
        assert "invented" not in text
