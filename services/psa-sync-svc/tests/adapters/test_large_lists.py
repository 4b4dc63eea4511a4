"""20,000 accounts are listed within the vendors' limits, by simulators that hold to them and count."""

import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from embedded.autotask.credentials import INTEGRATION_CODE, SECRET, USERNAME
from embedded.connectwise.credentials import CLIENT_ID, COMPANY, PRIVATE_KEY, PUBLIC_KEY
from embedded.ports import free_port
from psa_sync_svc.adapters.autotask.clients import AutotaskClients
from psa_sync_svc.adapters.autotask.settings import AutotaskSettings
from psa_sync_svc.adapters.base_url import AddressSettings
from psa_sync_svc.adapters.connectwise.clients import ConnectwiseClients
from psa_sync_svc.adapters.connectwise.settings import ConnectwiseSettings
from psa_sync_svc.adapters.psas import ProviderPsas
from psa_sync_svc.workers.psa import Connection, Psa

from .conformance.rates import rates

ACCOUNTS = 20_000
AUTOTASK = {"username": USERNAME, "secret": SECRET, "integration_code": INTEGRATION_CODE}
CONNECTWISE = {"company": COMPANY, "public_key": PUBLIC_KEY, "private_key": PRIVATE_KEY, "client_id": CLIENT_ID}
Control = httpx.Client
Open = Callable[[str, Mapping[str, str], Any], Psa]


@contextmanager
def simulated(name: str, folder: Path) -> Iterator[Control]:
    port = free_port()
    command = [sys.executable, "-m", f"embedded.{name}", "--port", str(port), "--data-dir", str(folder)]
    process = subprocess.Popen([*command, "--accounts", str(ACCOUNTS)])
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as control:
            for _ in range(600):
                try:
                    control.get("/healthz").raise_for_status()
                    break
                except httpx.HTTPError:
                    time.sleep(0.1)
            yield control
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """Clients as the service has them, with the limiter that all instances share."""
    clients: list[Psa] = []

    def open_(url: str, credentials: Mapping[str, str], made: Any) -> Psa:
        psas = ProviderPsas(AddressSettings(allow_private_addresses=True), {"it": made})
        clients.append(psas.open("it", Connection("i-1", "p-1", url, credentials)))
        return clients[-1]

    yield open_
    for client in clients:
        await client.aclose()


async def listed(psa: Psa) -> list[str]:
    return [account.account_id async for page in psa.accounts() for account in page]


async def test_autotask_lists_them_within_one_hundredth_of_an_hour(opened: Open, tmp_path: Path) -> None:
    """Pages of 500, the countries and the reading of the threshold; with a limit of 100 for all of it."""
    with simulated("autotask", tmp_path) as control:
        control.put("/limits", json={"requests": 100, "slower": False}).raise_for_status()
        settings = AutotaskSettings(requests_per_hour=100)

        found = await listed(opened(str(control.base_url), AUTOTASK, AutotaskClients(settings, rates())))

        calls = control.get("/calls").json()
    assert len(set(found)) == len(found) == ACCOUNTS + 1, "all of them, and the MSP's own"
    assert {call["status"] for call in calls} == {200}
    assert sum(call["endpoint"] == "Companies" for call in calls) == 41
    assert len(calls) <= 41 + 5


async def test_connectwise_lists_them_in_as_few_requests_as_it_has_pages(opened: Open, tmp_path: Path) -> None:
    with simulated("connectwise", tmp_path) as control:
        settings = ConnectwiseSettings(requests_per_minute=60)

        found = await listed(opened(str(control.base_url), CONNECTWISE, ConnectwiseClients(settings, rates())))

        calls = control.get("/calls").json()
    assert len(set(found)) == len(found) >= ACCOUNTS
    assert {call["status"] for call in calls} == {200}
    assert len(calls) <= 21 + 4
