"""What is remembered between calls, and how much is asked for."""

import asyncio
from typing import Any

import httpx
import pytest

from psa_sync_svc.adapters.autotask.clients import AutotaskClients
from psa_sync_svc.adapters.autotask.settings import AutotaskSettings
from psa_sync_svc.adapters.base_url import AddressSettings
from psa_sync_svc.adapters.psas import ProviderPsas
from psa_sync_svc.adapters.rate import Unlimited
from psa_sync_svc.workers.psa import Connection, Permanent, RateLimited, Transient

Open = Any
World = Any
VENDOR, ZONE = "webservices2.autotask.net", "webservices14.autotask.net"
_USED = "currentTimeframeRequestCount"
DUTCH = {"id": 7, "companyName": "A", "countryID": 149}


async def test_the_zone_and_the_countries_are_asked_for_once_for_all_clients_of_an_integration(
    world: World, opened: Open
) -> None:
    world.says(ZONE, "/Companies/7", httpx.Response(200, json={"item": DUTCH}))

    await asyncio.gather(*(opened().account("7") for _ in range(5)))

    assert len(world.requests(VENDOR)) == 1
    assert len(world.requests(ZONE, "/Countries/query")) == 1
    assert len(world.requests(ZONE, "/Companies/7")) == 5


async def test_another_user_is_another_tenant(world: World, opened: Open) -> None:
    for username in ("one@msp.example", "two@msp.example"):
        await opened(credentials={"username": username, "secret": "s", "integration_code": "i"}).check()

    assert [request.url.params["user"] for request in world.requests(VENDOR)] == ["one@msp.example", "two@msp.example"]


async def test_countries_are_not_asked_for_where_there_are_none(world: World, opened: Open) -> None:
    world.says(ZONE, "/Companies/7", httpx.Response(200, json={"item": DUTCH | {"countryID": None}}))

    await opened().account("7")

    assert world.requests(ZONE, "/Countries/query") == []


async def test_an_unknown_country_is_asked_for_at_most_once_in_a_while(world: World, opened: Open) -> None:
    world.says(ZONE, "/Companies/7", httpx.Response(200, json={"item": DUTCH | {"countryID": 9999}}))
    psa = opened()

    for _ in range(3):
        found = await psa.account("7")
        assert found is not None
        assert found.company_address is None

    assert len(world.requests(ZONE, "/Countries/query")) == 1


async def test_without_countries_no_account_is_given_with_half_an_address(world: World, opened: Open) -> None:
    world.says(ZONE, "/Companies/7", httpx.Response(200, json={"item": DUTCH}))
    refused = {"errors": ["The logged in Resource does not have the adequate permissions to query this entity type."]}
    world.says(ZONE, "/Countries/query", httpx.Response(500, json=refused))

    with pytest.raises(Permanent, match="security level"):
        await opened().account("7")


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (httpx.Response(429, headers={"Retry-After": "120"}), 120.0),
        (httpx.Response(429, headers={"Retry-After": "a while"}), 60.0),
        (httpx.Response(429), 60.0),
        (httpx.Response(503, headers={"Retry-After": "99999"}), 3600.0),
        (httpx.Response(500, json={"errors": ["The request threshold of 10000 has been exceeded"]}), 60.0),
    ],
)
async def test_a_long_wait_is_left_to_the_caller(
    world: World, opened: Open, answer: httpx.Response, seconds: float
) -> None:
    world.says(ZONE, "/Companies/7", answer)

    with pytest.raises(RateLimited) as told:
        await opened().account("7")

    assert told.value.retry_after_s == seconds
    assert len(world.requests(ZONE)) == 1


class Asking(Unlimited):
    """A rate that wants to know once how much is used."""

    def __init__(self) -> None:
        self.told: list[tuple[int | None, int | None]] = []
        self._wants = True

    @property
    def wants_reading(self) -> bool:
        wanted, self._wants = self._wants, False
        return wanted

    async def tell(self, *, limit: int | None = None, used: int | None = None) -> None:
        self.told.append((limit, used))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            httpx.Response(
                200, json={"externalRequestThreshold": 10_000, "requestThresholdTimeframe": 60} | {_USED: 4711}
            ),
            [(10_000, 4711)],
        ),
        (httpx.Response(200, json={"externalRequestThreshold": "many", _USED: None}), []),
        (httpx.Response(500, json={"errors": ["The logged in Resource does not have the adequate permissions."]}), []),
    ],
)
async def test_how_much_all_integrations_have_used_is_asked_where_it_is_wanted_and_a_refusal_is_no_trouble(
    world: World, answer: httpx.Response, told: list[tuple[int, int]]
) -> None:
    world.says(ZONE, "/Companies/7", httpx.Response(200, json={"item": DUTCH}))
    world.says(ZONE, "/ThresholdInformation", answer)
    rate = Asking()
    clients = {"autotask": AutotaskClients(AutotaskSettings(), rate)}
    psas = ProviderPsas(AddressSettings(), clients, connect=world.transport, resolve=world.resolve)
    credentials = {"username": "u@msp.example", "secret": "s", "integration_code": "i"}
    psa = psas.open("autotask", Connection("i", "p", None, credentials))

    found = [await psa.account("7") for _ in range(2)]
    await psa.aclose()

    assert None not in found
    assert rate.told == told
    assert len(world.requests(ZONE, "/ThresholdInformation")) == 1


async def test_too_many_at_a_time_is_tried_again_at_once_whatever_the_status(world: World, opened: Open) -> None:
    busy = httpx.Response(500, json={"errors": ["Itgenatr005"]})
    world.says(ZONE, "/Companies/7", busy, busy, httpx.Response(200, json={"item": DUTCH}))

    assert await opened().account("7") is not None


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("no"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut"),
        httpx.ReadError("cut"),
        httpx.ConnectTimeout("slow"),
    ],
)
async def test_a_network_that_fails_is_tried_again_and_then_told(
    world: World, opened: Open, error: httpx.HTTPError
) -> None:
    world.says(ZONE, "/Companies/7", error)

    with pytest.raises(Transient):
        await opened().account("7")

    assert len(world.requests(ZONE)) == 3


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500, json={"errors": ["An unexpected error has occurred. Error ID: 1166"]}),
        httpx.Response(500, html="<html>sorry</html>"),
        httpx.Response(500, json={"Message": "An error has occurred."}),
        httpx.Response(200, content=b'{"item": {"id": 7, "companyNa'),
    ],
)
async def test_an_error_inside_autotask_may_pass_but_is_not_asked_for_at_once(
    world: World, opened: Open, answer: httpx.Response
) -> None:
    world.says(ZONE, "/Companies/7", answer)

    with pytest.raises(Transient):
        await opened().account("7")

    assert len(world.requests(ZONE)) == 1


async def test_errors_under_a_200_are_errors(world: World, opened: Open) -> None:
    world.says(ZONE, "/Companies/7", httpx.Response(200, json={"errors": ["no such thing"]}))

    with pytest.raises(Permanent, match="refuses the request"):
        await opened().account("7")


def test_other_providers_are_refused_by_their_name() -> None:
    psas = ProviderPsas(AddressSettings(), {"autotask": AutotaskClients(AutotaskSettings())})

    with pytest.raises(Permanent, match="connectwise"):
        psas.open("connectwise", Connection("i", "p", None, {}))
    with pytest.raises(Permanent, match="public"):
        psas.open("autotask", Connection("i", "p", "https://10.0.0.1", {"username": "u"}))
