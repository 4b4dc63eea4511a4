"""A list of HaloPSA that is longer than what the tenant may ask at once is read to its end all the same."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from psa_sync_svc.adapters.base_url import AddressSettings
from psa_sync_svc.adapters.halopsa.clients import HalopsaClients
from psa_sync_svc.adapters.halopsa.settings import HalopsaSettings
from psa_sync_svc.adapters.psas import ProviderPsas
from psa_sync_svc.adapters.rate import Unlimited
from psa_sync_svc.domain.allowance import Terms
from psa_sync_svc.workers.psa import Connection, Psa, RateLimited

World = Any
HOST, URL = "harbour.halo.example", "https://harbour.halo.example"
CREDENTIALS = {"client_id": "c", "client_secret": "s", "tenant": "t"}
IDS = range(1, 251)


class Few(Unlimited):
    """Gives so many requests, and then none until it was waited `for_s`."""

    def __init__(self, requests: int, for_s: float) -> None:
        self._requests, self._for_s = requests, for_s
        self.left, self.waited_s = requests, 0.0

    def of(self, provider: str, connection: Connection, terms: Terms, *, tenant: tuple[str | None, ...]) -> "Few":
        return self

    @asynccontextmanager
    async def place(self, endpoint: str) -> AsyncIterator[None]:
        if self.waited_s >= self._for_s:
            self.left, self.waited_s = self._requests, 0.0
        if not self.left:
            raise RateLimited("this tenant's requests are used up for now", self._for_s - self.waited_s)
        self.left -= 1
        yield

    async def sleep(self, seconds: float) -> None:
        self.waited_s += seconds


def page(request: httpx.Request, name: str, rows: list[dict[str, Any]]) -> httpx.Response:
    number, size = int(request.url.params["page_no"]), int(request.url.params["page_size"])
    chosen = rows[(number - 1) * size : number * size]
    return httpx.Response(200, json={"page_no": number, "record_count": len(rows), name: chosen})


def client(number: int) -> dict[str, Any]:
    return {"id": number, "name": f"C {number}", "inactive": False, "main_site_id": number + 1_000, "ref": ""}


def site(number: int) -> dict[str, Any]:
    lines = {f"delivery_address_line{line}": "" for line in range(1, 6)}
    return {"id": number + 1_000, "client_id": number, "phonenumber": f"p {number}", "country_code": "", **lines}


@pytest.fixture(autouse=True)
def _scripted(world: World) -> None:
    clients, sites = [client(number) for number in IDS], [site(number) for number in IDS]
    world.says(HOST, "/api/authinfo", httpx.Response(200, json={"auth_url": f"{URL}/auth"}))
    world.says(HOST, "/auth/token", httpx.Response(200, json={"access_token": "t", "expires_in": 3600}))
    world.says(HOST, "/api/Client", lambda request: page(request, "clients", clients))
    world.says(HOST, "/api/Site", lambda request: page(request, "sites", sites))


def opened(world: World, rates: Few, monkeypatch: pytest.MonkeyPatch) -> Psa:
    monkeypatch.setattr("psa_sync_svc.adapters.halopsa.patience.asyncio.sleep", rates.sleep)
    psas = ProviderPsas(
        AddressSettings(),
        {"halopsa": HalopsaClients(HalopsaSettings(), rates)},
        connect=world.transport,
        resolve=world.resolve,
    )
    return psas.open("halopsa", Connection("i-1", "p-1", URL, CREDENTIALS))


@pytest.mark.parametrize("requests", [2, 3, 4, 5])
async def test_a_list_waits_where_its_requests_are_used_up_and_goes_on_where_it_was(
    world: World, monkeypatch: pytest.MonkeyPatch, requests: int
) -> None:
    psa = opened(world, Few(requests, 25.0), monkeypatch)

    pages = [page async for page in psa.accounts()]

    found = [account for page in pages for account in page]
    assert [int(account.account_id) for account in found] == list(IDS)
    assert [account.contact_number for account in found] == [f"p {number}" for number in IDS]
    assert [] in [list(page) for page in pages]
    assert len(world.sent) == 8
    await psa.aclose()


async def test_records_that_have_to_be_asked_for_by_themselves_are_waited_for_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    slim = [{"id": number, "name": "slim"} for number in (1, 2)]
    world.says(HOST, "/api/Client", lambda request: page(request, "clients", slim))
    world.says(HOST, "/api/Site", lambda request: page(request, "sites", [{"id": 1_001}]))
    for number in (1, 2):
        world.says(HOST, f"/api/Client/{number}", httpx.Response(200, json=client(number)))
        world.says(HOST, f"/api/Site/{number + 1_000}", httpx.Response(200, json=site(number)))
    psa = opened(world, Few(2, 15.0), monkeypatch)

    found = [account async for page in psa.accounts() for account in page]

    assert [account.contact_number for account in found] == ["p 1", "p 2"]
    await psa.aclose()


async def test_it_does_not_wait_for_ever(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    psa = opened(world, Few(3, 1e9), monkeypatch)

    with pytest.raises(RateLimited):
        async for _ in psa.accounts():
            pass

    await psa.aclose()


async def test_a_limit_that_the_psa_tells_without_a_time_is_waited_out_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = httpx.Response(429, text="Rate Limit Reached - 300 Requests per rolling 5 minute window")
    answers: list[Any] = [refused, refused, lambda request: page(request, "clients", [client(1)])]
    world.says(HOST, "/api/Client", *answers)
    rates = Few(1_000, 1e9)
    psa = opened(world, rates, monkeypatch)

    found = [account async for page in psa.accounts() for account in page]

    assert [account.account_id for account in found] == ["1"]
    assert rates.waited_s == 20.0
    await psa.aclose()


async def test_one_account_is_not_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rates = Few(2, 60.0)
    psa = opened(world, rates, monkeypatch)

    with pytest.raises(RateLimited):
        await psa.account("7")

    assert rates.waited_s == 0.0
    await psa.aclose()
