"""The providers, one row each, with their simulators as processes: what the suite needs to know of them."""

import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
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
from psa_sync_svc.adapters.psas import Clients, ProviderPsas
from psa_sync_svc.workers.psa import Connection, Psa


@dataclass(frozen=True)
class Provider:
    """`endpoint`: where the simulator counts calls for accounts. `known`: its first sample. `accounts`: as many as
    make three pages. `names`: what the fields that the suite edits are called there. `new`, `inactive`: what makes a
    record, and what makes it inactive; `flags`: what says that it is deleted while it is still there. `secrets`: the
    credentials that no text may hold."""

    name: str
    clients: Callable[[Mapping[str, Any]], Clients]
    credentials: Mapping[str, str]
    secrets: tuple[str, ...]
    endpoint: str
    known: str
    missing: str
    accounts: int
    names: Mapping[str, str]
    new: Mapping[str, Any]
    inactive: Mapping[str, Any]
    flags: tuple[Mapping[str, Any], ...] = ()

    def fields(self, **ours: Any) -> dict[str, Any]:
        return {self.names[name]: value for name, value in ours.items()}


AUTOTASK = Provider(
    name="autotask",
    clients=lambda settings: AutotaskClients(AutotaskSettings(**settings)),
    credentials={"username": USERNAME, "secret": SECRET, "integration_code": INTEGRATION_CODE},
    secrets=("secret", "integration_code"),
    endpoint="Companies",
    known="29683600",
    missing="77",
    accounts=1_200,
    names={
        "name": "companyName",
        "phone": "phone",
        "line1": "address1",
        "line2": "address2",
        "city": "city",
        "region": "state",
        "reference": "companyNumber",
    },
    new={"companyName": "New", "companyType": 1, "ownerResourceID": 29682885, "phone": "1"},
    inactive={"isActive": False},
)
CONNECTWISE = Provider(
    name="connectwise",
    clients=lambda settings: ConnectwiseClients(ConnectwiseSettings(**settings)),
    credentials={"company": COMPANY, "public_key": PUBLIC_KEY, "private_key": PRIVATE_KEY, "client_id": CLIENT_ID},
    secrets=("private_key",),
    endpoint="companies",
    known="19300",
    missing="77",
    accounts=2_100,
    names={
        "name": "name",
        "phone": "phoneNumber",
        "line1": "addressLine1",
        "line2": "addressLine2",
        "city": "city",
        "region": "state",
        "reference": "accountNumber",
    },
    new={"identifier": "NEW", "name": "New", "status": {"id": 1}, "city": "Utrecht"},
    inactive={"status": {"id": 2}},
    flags=({"deletedFlag": True},),
)
PROVIDERS = (AUTOTASK, CONNECTWISE)


class Simulator:
    """A simulated PSA, as its tester sees it."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self.url = str(client.base_url)

    def control(self, method: str, path: str, json: Any = None, **params: Any) -> Any:
        answer = self._client.request(method, path, json=json, params=params)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def fails(self, **faults: Any) -> None:
        self.control("PUT", "/faults", faults)

    def calls(self, endpoint: str | None = None) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control("GET", "/calls", **({"endpoint": endpoint} if endpoint else {}))
        return found

    def edit(self, account_id: str, fields: Mapping[str, Any]) -> None:
        self.control("PATCH", f"/companies/{account_id}", dict(fields))


@contextmanager
def _process(provider: Provider, folder: Path) -> Iterator[Simulator]:
    port = free_port()
    command = [sys.executable, "-m", f"embedded.{provider.name}", "--port", str(port), "--data-dir", str(folder)]
    process = subprocess.Popen([*command, "--accounts", str(provider.accounts)])
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=10) as client:
            simulator = Simulator(client)
            _wait_for(simulator)
            yield simulator
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(simulator: Simulator) -> None:
    for _ in range(300):
        try:
            simulator.control("GET", "/healthz")
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the simulator did not start")


@pytest.fixture(scope="session", params=PROVIDERS, ids=lambda provider: provider.name)
def provider(request: pytest.FixtureRequest) -> Provider:
    found: Provider = request.param
    return found


@pytest.fixture(scope="session")
def running(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with _process(provider, tmp_path_factory.mktemp(provider.name)) as simulator:
        yield simulator


@pytest.fixture
def simulator(running: Simulator) -> Simulator:
    """The one of the session, without faults, and with the calls of this test only."""
    running.control("DELETE", "/faults")
    running.control("DELETE", "/calls")
    return running


@pytest.fixture
async def opened(provider: Provider, simulator: Simulator) -> AsyncIterator[Callable[..., Psa]]:
    """Makes clients of the simulator, over real connections; no limit of ours is in the way of a test."""
    clients: list[Psa] = []

    def make(*, credentials: Mapping[str, str] | None = None, **settings: Any) -> Psa:
        providers = {provider.name: provider.clients(settings)}
        psas = ProviderPsas(AddressSettings(allow_private_addresses=True), providers)
        connection = Connection("i-1", "p-1", simulator.url, credentials or provider.credentials)
        clients.append(psas.open(provider.name, connection))
        return clients[-1]

    yield make
    for client in clients:
        await client.aclose()


class Listener:
    """Another host: it takes connections and remembers that somebody came."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"

    def was_called(self) -> bool:
        try:
            self._listening.accept()[0].close()
        except BlockingIOError:
            return False
        return True


@pytest.fixture
def elsewhere() -> Iterator[Listener]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield Listener(listening)
