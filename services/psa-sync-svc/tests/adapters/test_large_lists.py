"""20,000 accounts are listed within the vendors' limits, by simulators that hold to them and count."""

import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from embedded.ports import free_port
from psa_sync_svc.adapters.autotask.clients import AutotaskClients
from psa_sync_svc.adapters.autotask.settings import AutotaskSettings
from psa_sync_svc.adapters.base_url import AddressSettings
from psa_sync_svc.adapters.connectwise.clients import ConnectwiseClients
from psa_sync_svc.adapters.connectwise.settings import ConnectwiseSettings
from psa_sync_svc.adapters.halopsa.clients import HalopsaClients
from psa_sync_svc.adapters.halopsa.settings import HalopsaSettings
from psa_sync_svc.adapters.psas import ProviderPsas
from psa_sync_svc.workers.psa import Connection, Psa
from tests.providers import OF

from .conformance.rates import rates

ACCOUNTS = 20_000
REQUESTS = 500
"""What the simulated HaloPSA takes in five minutes: more than by default, so that the listing need not wait so long."""
Control = httpx.Client
Open = Callable[[str, Control, Any], Psa]


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

    def open_(name: str, control: Control, made: Any) -> Psa:
        psas = ProviderPsas(AddressSettings(allow_private_addresses=True), {name: made})
        clients.append(psas.open(name, Connection("i-1", "p-1", str(control.base_url), OF[name].credentials)))
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

        found = await listed(opened("autotask", control, AutotaskClients(settings, rates())))

        calls = control.get("/calls").json()
    assert len(set(found)) == len(found) == ACCOUNTS + 1, "all of them, and the MSP's own"
    assert {call["status"] for call in calls} == {200}
    assert sum(call["endpoint"] == "Companies" for call in calls) == 41
    assert len(calls) <= 41 + 5


async def test_connectwise_lists_them_in_as_few_requests_as_it_has_pages(opened: Open, tmp_path: Path) -> None:
    with simulated("connectwise", tmp_path) as control:
        settings = ConnectwiseSettings(requests_per_minute=60)

        found = await listed(opened("connectwise", control, ConnectwiseClients(settings, rates())))

        calls = control.get("/calls").json()
    assert len(set(found)) == len(found) >= ACCOUNTS
    assert {call["status"] for call in calls} == {200}
    assert len(calls) <= 21 + 4


async def test_halopsa_lists_them_and_their_sites_in_less_than_a_quarter_of_an_hour_of_its_limit(
    opened: Open, tmp_path: Path
) -> None:
    """Two lists of 200 pages, overlapping by a row: at the pace that the client keeps to by default, 13 minutes."""
    with simulated("halopsa", tmp_path) as control:
        control.put("/limits", json={"requests": REQUESTS}).raise_for_status()
        settings = HalopsaSettings(requests_per_5_minutes=2 * REQUESTS)

        found = await listed(opened("halopsa", control, HalopsaClients(settings, rates())))

        calls = control.get("/calls").json()
    assert len(set(found)) == len(found) >= ACCOUNTS
    assert {call["status"] for call in calls} == {200}
    kept_to = HalopsaSettings()
    assert len(calls) / (kept_to.requests_per_5_minutes * kept_to.background_share) * 5 < 15
