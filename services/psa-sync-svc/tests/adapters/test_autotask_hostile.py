"""Answers that want the credentials sent elsewhere: asserted on what the other hosts were sent."""

from ipaddress import ip_address
from typing import Any

import httpx
import pytest

from psa_sync_svc.workers.psa import AuthFailed, Permanent, Psa, Transient

Open = Any
World = Any
VENDOR, ZONE = "webservices2.autotask.net", "webservices14.autotask.net"


async def read_all(psa: Psa) -> None:
    async for _ in psa.accounts():
        pass


async def test_the_zone_is_asked_for_without_credentials(world: World, opened: Open) -> None:
    await read_all(opened())

    assert world.saw_credentials() == {ZONE}
    [asked] = world.requests(VENDOR)
    assert asked.url.path == "/atservicesrest/v1.0/zoneInformation"
    assert not {"username", "secret", "apiintegrationcode", "authorization"} & set(asked.headers)


async def test_the_three_headers_and_nothing_else_carry_them(world: World, opened: Open) -> None:
    await read_all(opened())

    [request] = world.requests(ZONE, "/Companies/query")
    assert {"username", "secret", "apiintegrationcode"} <= set(request.headers)
    assert "authorization" not in request.headers
    assert b"secret" not in request.content
    assert b"secret" not in request.url.raw_path


@pytest.mark.parametrize(
    "zone",
    [
        "https://evil.example/ATServicesRest/",
        "http://webservices14.autotask.net/ATServicesRest/",
        "https://autotask.net.evil.example/ATServicesRest/",
        "https://evilautotask.net/ATServicesRest/",
        "https://webservices14.autotask.net:8443/ATServicesRest/",
        "https://webservices14.autotask.net@evil.example/ATServicesRest/",
        "https://user:word@webservices14.autotask.net/",
        "https://webservices14.autotask.net/?x=",
        "//evil.example/",
        "not an address",
    ],
)
async def test_a_zone_that_is_not_the_vendors_is_sent_nothing(world: World, opened: Open, zone: str) -> None:
    world.zone(zone)

    with pytest.raises(Permanent):
        await opened().check()

    assert {host for host, _ in world.sent} == {VENDOR}


@pytest.mark.parametrize(
    "zone",
    [
        "https://webservices14.autotask.net/ATServicesRest",
        "https://webservices14.autotask.net/ATServicesRest/v1.0/",
        "https://webservices14.autotask.net//ATServicesRest/V1.0",
        "https://WEBSERVICES14.autotask.net:443/ATServicesRest/",
    ],
)
async def test_the_vendors_zones_are_taken_in_every_spelling(world: World, opened: Open, zone: str) -> None:
    world.zone(zone)

    await opened().check()

    assert world.requests(ZONE)[0].url.path == "/ATServicesRest/v1.0/Companies/query"


async def test_the_zone_of_a_base_url_is_on_its_own_host(world: World, opened: Open) -> None:
    world.zone("https://other.example/ATServicesRest/", asked="psa.example")
    with pytest.raises(Permanent, match="not trusted"):
        await opened("https://psa.example").check()

    world.zone(f"https://{ZONE}/ATServicesRest/", asked="psa.example")
    with pytest.raises(Permanent, match="not trusted"):
        await opened("https://psa.example").check()

    assert world.saw_credentials() == set()


async def test_the_zone_of_a_base_url_may_be_on_hosts_that_are_set(world: World, opened: Open) -> None:
    world.zone("https://other.example/ATServicesRest/", asked="psa.example")
    for entity in ("Companies", "Countries"):
        world.says("other.example", f"/{entity}/query", httpx.Response(200, json={"items": []}))

    await opened("https://psa.example/", zone_hosts=["Other.example"]).check()

    assert world.saw_credentials() == {"other.example"}


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/V1.0/Companies/query/next?paging=1",
        "http://webservices14.autotask.net/V1.0/Companies/query/next",
        "https://webservices14.autotask.net:444/V1.0/Companies/query/next",
        "https://webservices15.autotask.net/V1.0/Companies/query/next",
        "https://webservices14.autotask.net@evil.example/",
        "https://x:y@webservices14.autotask.net/",
        "/V1.0/Companies/query/next",
    ],
)
async def test_a_next_page_elsewhere_is_not_called(world: World, opened: Open, link: str) -> None:
    items = [{"id": 1, "companyName": "A"}]
    page = {"items": items, "pageDetails": {"nextPageUrl": link}}
    world.says(ZONE, "/Companies/query", httpx.Response(200, json=page))

    with pytest.raises(Permanent, match="another host"):
        await read_all(opened())

    assert world.saw_credentials() == {ZONE}
    assert len(world.sent) == 2


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("where", [(VENDOR, "zoneInformation"), (ZONE, "/Companies/query")])
async def test_redirects_are_not_followed(world: World, opened: Open, status: int, where: tuple[str, str]) -> None:
    answer = httpx.Response(status, headers={"Location": "https://evil.example/", "Set-Cookie": "a=b"})
    world.says(*where, answer)

    with pytest.raises(Permanent, match="redirect"):
        await opened().check()

    assert "evil.example" not in {host for host, _ in world.sent}


async def test_cookies_are_not_kept(world: World, opened: Open) -> None:
    world.says(ZONE, "/Companies/query", httpx.Response(200, json={"items": []}, headers={"Set-Cookie": "a=b; Path=/"}))
    psa = opened()

    await psa.check()
    await psa.check()

    assert not [request for _, request in world.sent if "cookie" in request.headers]


async def test_a_wrong_secret_is_sent_once_more_only_where_the_tenant_has_moved(world: World, opened: Open) -> None:
    refused = httpx.Response(401, json={"errors": ["Unauthorized"]})
    world.says(ZONE, "/Companies/7", refused)
    psa = opened()
    with pytest.raises(AuthFailed):
        await psa.account("7")
    assert (len(world.requests(ZONE)), len(world.requests(VENDOR))) == (1, 2)

    world.zone("https://webservices15.autotask.net/ATServicesRest/")
    world.says("webservices15.autotask.net", "/Companies/7", refused)
    with pytest.raises(AuthFailed):
        await psa.account("7")

    assert (len(world.requests(ZONE)), len(world.requests("webservices15.autotask.net"))) == (2, 1)


async def test_a_tenant_that_is_said_to_have_moved_elsewhere_keeps_its_secret(world: World, opened: Open) -> None:
    psa = opened()
    await psa.check()
    world.says(ZONE, "/Companies/7", httpx.Response(401))
    world.zone("https://evil.example/ATServicesRest/")

    with pytest.raises(Permanent):
        await psa.account("7")

    assert "evil.example" not in {host for host, _ in world.sent}


async def test_an_unknown_user_is_told_as_such_and_an_outage_is_not(world: World, opened: Open) -> None:
    world.says(VENDOR, "zoneInformation", httpx.Response(500, json={"errors": ["no such user"]}))
    with pytest.raises(AuthFailed, match="user name"):
        await opened().check()

    world.says(VENDOR, "zoneInformation", httpx.Response(500, html="<html>sorry</html>"))
    with pytest.raises(Transient):
        await opened().check()


@pytest.mark.parametrize("missing", ["username", "secret", "integration_code"])
@pytest.mark.parametrize("value", [None, "", " x", "a\r\nHost: evil.example", "\x00"])
async def test_credentials_that_no_header_can_carry_are_refused_before_a_call(
    world: World, opened: Open, missing: str, value: str | None
) -> None:
    whole = {"username": "u", "secret": "s", "integration_code": "i"}
    given = {name: text for name, text in (whole | {missing: value}).items() if text is not None}

    with pytest.raises(AuthFailed, match=missing):
        await opened(credentials=given).check()

    assert world.sent == []


async def test_pages_that_do_not_advance_are_refused(world: World, opened: Open) -> None:
    again = {"nextPageUrl": f"https://{ZONE}/ATServicesRest/V1.0/Companies/query"}
    page = {"items": [{"id": 1, "companyName": "A"}], "pageDetails": again}
    world.says(ZONE, "/Companies/query", httpx.Response(200, json=page))
    with pytest.raises(Permanent, match="come twice"):
        await read_all(opened())

    world.says(ZONE, "/Companies/query", httpx.Response(200, json=page | {"items": []}))
    with pytest.raises(Permanent, match="come to an end"):
        await read_all(opened())


@pytest.mark.parametrize(
    "payload",
    [
        [],
        "text",
        {"items": None},
        {"items": [{"companyName": "no id"}]},
        {"items": [{"id": "5", "companyName": "A"}]},
        {"items": [{"id": 5, "companyName": ["A"]}]},
        {"items": [7]},
    ],
)
async def test_json_of_another_shape_is_another_api(world: World, opened: Open, payload: object) -> None:
    world.says(ZONE, "/Companies/query", httpx.Response(200, json=payload))

    with pytest.raises(Permanent, match="base_url"):
        await read_all(opened())


async def test_another_company_than_was_asked_for_is_not_taken(world: World, opened: Open) -> None:
    world.says(ZONE, "/Companies/7", httpx.Response(200, json={"item": {"id": 8, "companyName": "B"}}))

    with pytest.raises(Permanent):
        await opened().account("7")


async def test_an_answer_without_end_is_left(world: World, opened: Open) -> None:
    world.says(ZONE, "/Companies/7", httpx.Response(200, content=b" " * 1_000_001))

    with pytest.raises(Permanent, match="larger"):
        await opened(largest_answer=1_000_000).account("7")


async def test_a_404_is_none_like_a_null(world: World, opened: Open) -> None:
    assert await opened().account("7") is None


async def test_a_name_that_leads_into_our_own_network_is_not_called(world: World, opened: Open) -> None:
    world.addresses["psa.example"] = [ip_address("1.1.1.1"), ip_address("169.254.169.254")]

    with pytest.raises(Permanent, match="public"):
        await opened("https://psa.example").check()

    assert world.sent == []


async def test_what_is_called_is_the_address_that_was_checked(world: World, opened: Open) -> None:
    await opened().check()

    for host, request in world.sent:
        assert request.url.host == "1.1.1.1"
        assert request.extensions["sni_hostname"] == host
