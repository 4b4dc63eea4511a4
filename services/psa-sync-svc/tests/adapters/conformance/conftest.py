"""The simulators as processes, one for each provider, and clients of them."""

import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from embedded.ports import free_port
from psa_sync_svc.adapters.base_url import AddressSettings
from psa_sync_svc.adapters.psas import ProviderPsas
from psa_sync_svc.workers.psa import Connection, Psa

from .providers import PROVIDERS, Provider


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
def simulator(running: Simulator, provider: Provider) -> Simulator:
    """The one of the session, without faults, and with the calls of this test only."""
    running.control("DELETE", "/faults")
    running.control("DELETE", "/calls")
    if provider.limits is not None:
        running.control("PUT", "/limits", dict(provider.limits))
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
