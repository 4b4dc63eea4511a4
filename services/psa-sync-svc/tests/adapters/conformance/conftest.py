"""The providers, one row each, with their simulators as processes: what the suite needs to know of them."""

import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
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
from psa_sync_svc.domain.holding import FieldLimits
from psa_sync_svc.workers.psa import Connection, Psa

from .rates import rates


@dataclass(frozen=True)
class Provider:
    """`endpoint`: where the simulator counts calls for accounts. `known`: its first sample. `accounts`: as many as
    make three pages. `names`: what the fields that the suite edits are called there. `new`, `inactive`: what makes a
    record, and what makes it inactive; `flags`: what says that it is deleted while it is still there. `secrets`: the
    credentials that no text may hold. `changes`: the verbs and endpoints by which fields are changed, that of the name
    first. `unique`: a field of which no two records have the same. `longer`: what the simulator holds beyond the
    provider's limits."""

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
    changes: tuple[tuple[str, str], ...]
    flags: tuple[Mapping[str, Any], ...] = ()
    unique: str = ""
    longer: Mapping[str, int] = field(default_factory=dict)

    def numbered(self, number: int) -> dict[str, Any]:
        """What is different in each of several new records."""
        return {self.unique: f"NEW{number}"} if self.unique else {}

    def really(self, limits: FieldLimits) -> FieldLimits:
        """What the simulator holds, where the provider's own limit is smaller to be on the safe side."""
        return replace(limits, longest={**limits.longest, **self.longer})

    def fields(self, **ours: Any) -> dict[str, Any]:
        return {self.names[name]: value for name, value in ours.items()}


AUTOTASK = Provider(
    name="autotask",
    clients=lambda settings: AutotaskClients(AutotaskSettings(**settings), rates()),
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
    changes=(("PATCH", "Companies"),),
)
CONNECTWISE = Provider(
    name="connectwise",
    clients=lambda settings: ConnectwiseClients(ConnectwiseSettings(**settings), rates()),
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
    changes=(("PATCH", "companies"),),
    flags=({"deletedFlag": True},),
    unique="identifier",
    longer={"reference": 100},
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

    def changes(self, provider: Provider) -> list[dict[str, Any]]:
        """The calls that were to change a record."""
        return [call for call in self.calls() if (call["method"], call["endpoint"]) in provider.changes]

    def fails_to_change(self, provider: Provider, **fault: Any) -> None:
        """One fault, at the calls that change a name; `locked={}` is one without more."""
        [(kind, given)] = fault.items()
        method, endpoint = provider.changes[0]
        self.fails(**{kind: {**given, "method": method, "endpoint": endpoint}})

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


@pytest.fixture
def account_id(provider: Provider, simulator: Simulator) -> Iterator[str]:
    """An account of this test only, with something in every field."""
    texts = provider.fields(
        name="Before", phone="+31 20 794 6150", line1="1 Old Road", city="Old Town", reference="OLD"
    )
    made = simulator.control("POST", "/companies", {**provider.new, **texts})
    simulator.control("DELETE", "/calls")
    yield str(made["id"])
    simulator.control("DELETE", f"/companies/{made['id']}")


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
