"""The simulators as processes, one for each provider, and clients of them."""

import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from psa_sync_svc.adapters.base_url import AddressSettings
from psa_sync_svc.adapters.psas import ProviderPsas
from psa_sync_svc.domain import provider as providers
from psa_sync_svc.domain.integration import Integration
from psa_sync_svc.handlers import change_integration
from psa_sync_svc.workers.psa import Connection, Psa
from psa_sync_svc.workers.vault import Owner
from shared.engine.change import Meta
from tests import simulated
from tests.simulated import Running

from .providers import PARTNER, PROVIDERS, Provider


class Simulator(Running):
    def changes(self, provider: Provider) -> list[dict[str, Any]]:
        """The calls that were to change a record."""
        return [call for call in self.calls() if (call["method"], call["endpoint"]) in provider.changes]

    def fails_to_change(self, provider: Provider, **fault: Any) -> None:
        """One fault, at the calls that change a name; `locked={}` is one without more."""
        [(kind, given)] = fault.items()
        method, endpoint = provider.changes[0]
        self.fails(**{kind: {**given, "method": method, "endpoint": endpoint}})


@pytest.fixture(scope="session", params=PROVIDERS, ids=lambda provider: provider.name)
def provider(request: pytest.FixtureRequest) -> Provider:
    found: Provider = request.param
    return found


@pytest.fixture(scope="session")
def running(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    home = tmp_path_factory.mktemp(provider.name)
    with simulated.running(Simulator, provider.name, home, accounts=provider.accounts) as simulator:
        yield simulator


@pytest.fixture
def simulator(running: Simulator, provider: Provider) -> Simulator:
    """The one of the session, without faults, and with the calls of this test only."""
    running.forget()
    if provider.limits is not None:
        running.asks("PUT", "/limits", dict(provider.limits))
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
    made = simulator.asks("POST", "/companies", {**provider.new, **texts})
    simulator.asks("DELETE", "/calls")
    yield str(made["id"])
    simulator.asks("DELETE", f"/companies/{made['id']}")


@pytest.fixture
def service(serving: Callable[..., Any], provider: Any) -> Any:
    """The service in memory, over the real client of this provider."""
    clients = {provider.name: provider.clients({})}
    return serving(psa=ProviderPsas(AddressSettings(allow_private_addresses=True), clients), on_this_machine=True)


@pytest.fixture
async def integration(service: Any, provider: Any, simulator: Any) -> Any:
    id = str(uuid4())
    sealed = service.vault.seal(Owner(PARTNER, id), dict(provider.credentials))
    named = providers.Provider(provider.name)
    wanted = Integration(id, PARTNER, named, "The simulated one", simulator.url, sealed)
    meta = Meta(PARTNER, "/test", id, "POST", datetime.now(UTC), "user:ann", "corr")
    await service.engine.execute(change_integration.create(wanted), meta)
    await service.work()
    return wanted


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
