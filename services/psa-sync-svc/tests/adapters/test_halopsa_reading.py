"""A client of HaloPSA and its site as one account, and what its answers mean by their bodies."""

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
from psa_sync_svc.domain.account import Address
from psa_sync_svc.domain.allowance import Terms
from psa_sync_svc.workers.psa import AuthFailed, Connection, Permanent, PsaError, RateLimited, Transient

Open = Any
World = Any
HOST, URL = "harbour.halo.example", "https://harbour.halo.example"
CLIENT = {"id": 7, "name": "Seven", "inactive": False, "main_site_id": 3, "ref": "R-1"}
LINES = {"line1": "L 1", "line2": "", "line3": "Delft", "line4": "ZH", "postcode": "2611"}


def said(status: int, payload: object) -> httpx.Response:
    return httpx.Response(status, json=payload)


@pytest.fixture(autouse=True)
def _scripted(world: World) -> None:
    world.says(HOST, "/api/authinfo", said(200, {"auth_url": f"{URL}/auth"}))
    world.says(HOST, "/auth/token", said(200, {"access_token": "t", "expires_in": 3600}))
    world.says(HOST, "/api/Client/7", said(200, CLIENT))
    world.says(HOST, "/api/Site/3", said(200, {"id": 3, "phonenumber": "1", "delivery_address": LINES}))


async def test_phone_and_address_are_the_main_sites_and_not_what_the_client_repeats(
    world: World, halopsa: Open
) -> None:
    repeated = {"main_phonenumber": "old", "main_delivery_address": {"line1": "old"}}
    world.says(HOST, "/api/Client/7", said(200, {**CLIENT, **repeated}))

    found = await halopsa(URL).account("7")

    assert found is not None
    assert found.contact_number == "1"
    assert found.company_address == Address("L 1", None, "Delft", "ZH", "2611")
    assert {request.url.params["includedetails"] for request in world.requests(HOST, "7")} == {"true"}


async def test_settings_say_which_line_is_the_city_and_which_field_the_reference(world: World, halopsa: Open) -> None:
    world.says(HOST, "/api/Client/7", said(200, {**CLIENT, "accountsid": "A-1"}))

    found = await halopsa(URL, city_line="line4", reference_field="accountsid").account("7")

    assert found is not None
    assert found.company_address == Address("L 1", None, "ZH", "Delft", "2611")
    assert found.reference == "A-1"


@pytest.mark.parametrize(
    ("code", "name", "ours"),
    [
        ("NL", "Netherlands", "NL"),
        ("nl", None, "NL"),
        ("", "Netherlands", "NL"),
        ("NLD", "Netherlands", "NL"),
        ("AN", "Netherlands Antilles", "Netherlands Antilles"),
        (155, "Netherlands", "NL"),
        (None, None, None),
    ],
)
async def test_a_country_is_iso_where_its_code_or_its_name_is(
    world: World, halopsa: Open, code: Any, name: Any, ours: str | None
) -> None:
    site = {"id": 3, "country_code": code, "country_code_name": name, "delivery_address": {"line1": "X"}}
    world.says(HOST, "/api/Site/3", said(200, site))

    found = await halopsa(URL).account("7")

    assert found is not None
    assert found.company_address == Address("X", country=ours)


async def test_the_mail_address_is_only_a_hint_and_the_newer_stamp_counts(world: World, halopsa: Open) -> None:
    more = {"accountsemailaddress": "books@harbour.example", "alastupdate": "2026-11-01T08:00:00.5"}
    world.says(HOST, "/api/Client/7", said(200, {**CLIENT, **more}))
    world.says(HOST, "/api/Site/3", said(200, {"id": 3, "slastupdate": "2026-11-02T08:00:00Z"}))

    found = await halopsa(URL).account("7")

    assert found is not None
    assert (found.email_hint, found.modified_at) == ("books@harbour.example", "2026-11-02T08:00:00.000000Z")


@pytest.mark.parametrize(
    ("client", "active"), [({"inactive": True}, False), ({"inactive": False}, True), ({"inactive": None}, True)]
)
async def test_inactive_is_what_says_so(world: World, halopsa: Open, client: dict[str, Any], active: bool) -> None:
    world.says(HOST, "/api/Client/7", said(200, CLIENT | client))

    found = await halopsa(URL).account("7")

    assert found is not None
    assert found.active is active


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (said(403, {"resultCode": 403, "errorMessage": "no"}), Permanent),
        (said(400, {"ClassName": "System.Exception", "Message": "no"}), Permanent),
        (httpx.Response(400, text="no"), Permanent),
        (said(405, {"Message": "no"}), Permanent),
        (said(409, {"Message": "no"}), Transient),
        (said(500, {"ClassName": "x", "Message": "was deadlocked on lock resources"}), Transient),
        (said(500, {"ClassName": "System.NullReferenceException", "Message": "Object reference"}), Transient),
        (httpx.Response(401, text=""), AuthFailed),
        (httpx.Response(404, html="<html>404</html>"), Permanent),
        (httpx.Response(404), Permanent),
        (said(404, {"Message": "No HTTP resource was found that matches the request URI 'x'."}), Permanent),
        (said(200, {**CLIENT, "id": 8}), Permanent),
        (said(200, {**CLIENT, "id": "7"}), Permanent),
        (said(200, {**CLIENT, "name": ["A"]}), Permanent),
        (said(200, [CLIENT]), Permanent),
    ],
)
async def test_an_answer_is_told_by_its_status_and_its_body(
    world: World, halopsa: Open, answer: httpx.Response, error: type[PsaError]
) -> None:
    world.says(HOST, "/api/Client/7", answer)

    with pytest.raises(error) as told:
        await halopsa(URL).account("7")

    assert not isinstance(told.value, RateLimited)
    assert "simulated-secret" not in str(told.value)


@pytest.mark.parametrize("status", [400, 429, 503])
async def test_the_limit_is_known_by_its_words_and_told_with_its_number(
    world: World, halopsa: Open, status: int
) -> None:
    text = "Rate Limit Reached - 300 Requests per rolling 5 minute window"
    world.says(HOST, "/api/Client/7", httpx.Response(status, text=text))

    with pytest.raises(RateLimited, match="300 in five minutes") as told:
        await halopsa(URL, retry_after_s=40.0).account("7")

    assert told.value.retry_after_s == 40.0
    assert len(world.requests(HOST, "/api/Client/7")) == 1


async def test_a_client_that_is_not_there_is_none_and_one_whose_site_is_not_has_no_phone(
    world: World, halopsa: Open
) -> None:
    world.says(HOST, "/api/Site/3", said(404, {"errorMessage": "no"}))
    found = await halopsa(URL).account("7")
    assert found is not None
    assert (found.contact_number, found.company_address) == (None, None)

    world.says(HOST, "/api/Client/7", said(404, {"errorMessage": "no"}))
    assert await halopsa(URL).account("7") is None


async def test_rights_for_clients_but_not_for_their_sites_empty_no_field(world: World, halopsa: Open) -> None:
    world.says(HOST, "/api/Site/3", said(403, {"resultCode": 403}))

    with pytest.raises(Permanent, match="lacks the permission"):
        await halopsa(URL).account("7")


class Told(Unlimited):
    """A limiter that remembers: for whom it is, what was told, and which endpoints were asked."""

    def __init__(self) -> None:
        self.heard: list[int | None] = []
        self.of_whom: list[tuple[tuple[str | None, ...], Terms]] = []
        self.asked = 0

    def of(self, provider: str, connection: Connection, terms: Terms, *, tenant: tuple[str | None, ...]) -> "Told":
        self.of_whom.append((tenant, terms))
        return self

    @asynccontextmanager
    async def place(self, endpoint: str) -> AsyncIterator[None]:
        self.asked += 1
        yield

    async def tell(self, *, limit: int | None = None, used: int | None = None) -> None:
        self.heard.append(limit)


async def test_every_request_takes_its_place_and_a_limit_that_is_told_is_kept_to(world: World) -> None:
    rates, settings = Told(), HalopsaSettings()
    clients = {"halopsa": HalopsaClients(settings, rates)}
    psas = ProviderPsas(AddressSettings(), clients, connect=world.transport, resolve=world.resolve)
    credentials = {"client_id": "c", "client_secret": "s", "tenant": "t"}
    psa = psas.open("halopsa", Connection("i-1", "p-1", f"{URL}/api", credentials))
    await psa.account("7")
    assert rates.asked == len(world.sent) == 4

    text = "Rate Limit Reached - 150 Requests per rolling 5 minute window"
    world.says(HOST, "/api/Client/7", httpx.Response(429, text=text))
    with pytest.raises(RateLimited):
        await psa.account("7")
    await psa.aclose()

    assert rates.heard == [150]
    assert rates.of_whom == [((URL,), settings.terms)]
    assert [(window.limit, window.seconds) for window in settings.terms.windows] == [(300, 300.0)]
