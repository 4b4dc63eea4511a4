"""A world of scripted hosts, which remembers what each was sent; and the simulated Autotask as a process."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from ipaddress import ip_address
from typing import Any

import httpx
import pytest
import stamina

from embedded.autotask.credentials import INTEGRATION_CODE, SECRET, USERNAME
from psa_sync_svc.adapters.autotask.clients import AutotaskClients
from psa_sync_svc.adapters.autotask.settings import AutotaskSettings
from psa_sync_svc.adapters.base_url import AddressSettings, Ip
from psa_sync_svc.adapters.connectwise.clients import ConnectwiseClients
from psa_sync_svc.adapters.connectwise.settings import ConnectwiseSettings
from psa_sync_svc.adapters.halopsa.clients import HalopsaClients
from psa_sync_svc.adapters.halopsa.settings import HalopsaSettings
from psa_sync_svc.adapters.psas import Clients, ProviderPsas
from psa_sync_svc.workers.psa import Connection, Psa
from tests.simulated import Running, running

from .conformance.rates import rates

CREDENTIALS = {"username": USERNAME, "secret": SECRET, "integration_code": INTEGRATION_CODE}
CONNECTWISE_CREDENTIALS = {"company": "harbour", "public_key": "Public", "private_key": "q-secret", "client_id": "c-id"}
HALOPSA_CREDENTIALS = {"client_id": "h-client", "client_secret": SECRET, "tenant": "harbour"}
COUNTRIES = [{"id": 149, "name": "Netherlands", "displayName": "Netherlands", "countryCode": "NL"}]
Said = httpx.Response | Awaitable[httpx.Response]
Answer = httpx.Response | Exception | Callable[[httpx.Request], Said]


def ok(payload: object) -> httpx.Response:
    return httpx.Response(200, json=payload)


def page(*ids: int, link: str | None = None) -> httpx.Response:
    items = [{"id": number, "companyName": f"Company {number}", "countryID": None} for number in ids]
    return ok({"items": items, "pageDetails": {"count": len(items), "nextPageUrl": link}})


class World:
    """Hosts by name; each answers by the end of the path, from a list (its last answer again and again).

    `most`: how many requests of a verb were under way at one moment.
    """

    def __init__(self) -> None:
        self.most: Counter[str] = Counter()
        self._under_way: Counter[str] = Counter()
        self.sent: list[tuple[str, httpx.Request]] = []
        self.addresses: dict[str, Sequence[Ip]] = {}
        self._answers: dict[tuple[str, str], list[Answer]] = {}

    def says(self, host: str, path: str, *answers: Answer) -> None:
        self._answers[(host, path)] = list(answers)

    def zone(self, url: str, *, asked: str = "webservices2.autotask.net") -> None:
        self.says(asked, "zoneInformation", ok({"zoneName": "Z", "url": url, "webUrl": "", "ci": 1}))

    def requests(self, host: str, path: str = "") -> list[httpx.Request]:
        return [request for at, request in self.sent if at == host and request.url.path.endswith(path)]

    def saw_credentials(self) -> set[str]:
        """The hosts that were sent the secret wherever in the request, or in the form of Basic."""
        return {host for host, request in self.sent if SECRET in _whole(request) or "authorization" in request.headers}

    def transport(self) -> httpx.AsyncBaseTransport:
        return httpx.MockTransport(self._work)

    async def resolve(self, host: str, _: int) -> Sequence[Ip]:
        return self.addresses.get(host, [ip_address("1.1.1.1")])

    async def _work(self, request: httpx.Request) -> httpx.Response:
        verb = request.method
        self._under_way[verb] += 1
        self.most[verb] = max(self.most[verb], self._under_way[verb])
        for _ in range(20):  # the others may come meanwhile
            await asyncio.sleep(0)
        try:
            said = self._answer(request)
            return said if isinstance(said, httpx.Response) else await said
        finally:
            self._under_way[verb] -= 1

    def _answer(self, request: httpx.Request) -> Said:
        host = request.headers["host"]
        self.sent.append((host, request))
        assert len(self.sent) < 200, "the client does not stop asking"
        for (known, path), answers in self._answers.items():
            if known == host and request.url.path.endswith(path):
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                if isinstance(answer, Exception):
                    raise answer
                return _fresh(answer) if isinstance(answer, httpx.Response) else answer(request)
        return httpx.Response(404, json={"Message": "not scripted"})


def _fresh(answer: httpx.Response) -> httpx.Response:
    return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def _whole(request: httpx.Request) -> str:
    return f"{request.url} {request.headers.raw!r} {request.content!r}"


def bodies(requests: Sequence[httpx.Request]) -> list[Any]:
    return [json.loads(request.content) for request in requests]


@pytest.fixture(autouse=True)
def _no_waits() -> Iterator[None]:
    """Attempts follow each other at once."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def world() -> World:
    world = World()
    world.zone("https://webservices14.autotask.net/ATServicesRest/")
    world.says("webservices14.autotask.net", "/Countries/query", ok({"items": COUNTRIES, "pageDetails": {}}))
    world.says("webservices14.autotask.net", "/Companies/query", page(0, 5))
    return world


Open = Callable[..., Psa]


@pytest.fixture
async def opened(world: World) -> AsyncIterator[Open]:
    """Makes clients that live in the scripted world."""
    clients: list[Psa] = []
    shared: dict[str, ProviderPsas] = {}

    def make(
        base_url: str | None = None,
        *,
        credentials: Mapping[str, str] = CREDENTIALS,
        allow_private: bool = False,
        **settings: Any,
    ) -> Psa:
        key = repr((allow_private, settings))
        if key not in shared:
            addresses = AddressSettings(allow_private_addresses=allow_private)
            given = {"autotask": AutotaskClients(AutotaskSettings(**settings))}
            shared[key] = ProviderPsas(addresses, given, connect=world.transport, resolve=world.resolve)
        clients.append(shared[key].open("autotask", Connection("i-1", "p-1", base_url, credentials)))
        return clients[-1]

    yield make
    for client in clients:
        await client.aclose()


async def _opening(
    world: World, provider: str, clients: Callable[..., Clients], credentials: Mapping[str, str]
) -> AsyncIterator[Open]:
    """Makes clients that live in the scripted world; those of one test share what they know."""
    made: list[Psa] = []
    shared: dict[str, ProviderPsas] = {}
    usual = credentials

    def make(base_url: str | None = None, *, credentials: Mapping[str, str] = usual, **settings: Any) -> Psa:
        key = repr(settings)
        if key not in shared:
            given = {provider: clients(**settings)}
            shared[key] = ProviderPsas(AddressSettings(), given, connect=world.transport, resolve=world.resolve)
        made.append(shared[key].open(provider, Connection("i-1", "p-1", base_url, credentials)))
        return made[-1]

    yield make
    for client in made:
        await client.aclose()


@pytest.fixture
async def connectwise(world: World) -> AsyncIterator[Open]:
    def clients(**settings: Any) -> Clients:
        return ConnectwiseClients(ConnectwiseSettings(**settings))

    async for make in _opening(world, "connectwise", clients, CONNECTWISE_CREDENTIALS):
        yield make


@pytest.fixture
async def halopsa(world: World) -> AsyncIterator[Open]:
    def clients(**settings: Any) -> Clients:
        return HalopsaClients(HalopsaSettings(**settings))

    async for make in _opening(world, "halopsa", clients, HALOPSA_CREDENTIALS):
        yield make


@pytest.fixture(scope="session")
def running_simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(Running, "autotask", tmp_path_factory.mktemp("autotask"), accounts=1_200) as simulator:
        yield simulator


@pytest.fixture
def simulator(running_simulator: Running) -> Running:
    running_simulator.forget()
    running_simulator.asks("PUT", "/limits", {"slower": False})
    running_simulator.asks("PUT", "/zone", {"zone": "webservices14"})
    return running_simulator


@pytest.fixture
async def simulated(simulator: Running) -> AsyncIterator[Open]:
    """Makes clients of the simulator, over real connections."""
    clients: list[Psa] = []

    def make(*, credentials: Mapping[str, str] = CREDENTIALS, **settings: Any) -> Psa:
        providers = {"autotask": AutotaskClients(AutotaskSettings(**settings), rates())}
        psas = ProviderPsas(AddressSettings(allow_private_addresses=True), providers)
        clients.append(psas.open("autotask", Connection("i-1", "p-1", simulator.url, credentials)))
        return clients[-1]

    yield make
    for client in clients:
        await client.aclose()
