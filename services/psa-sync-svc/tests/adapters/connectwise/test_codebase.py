"""Where ConnectWise says that its API is: the vendor's own sites are believed, and another host is sent nothing."""

import base64
from typing import Any

import httpx
import pytest

from psa_sync_svc.workers.psa import AuthFailed, Permanent

from .answers import API, EU, NA, Open, World, company, ok, read_all, told


async def test_the_codebase_is_asked_for_without_credentials(world: World, connectwise: Open) -> None:
    await connectwise().check()

    [asked] = world.requests(NA, "/login/companyinfo/harbour")
    assert not {"authorization", "clientid"} & set(asked.headers)
    assert world.saw_credentials() == {NA}


async def test_what_a_request_carries(world: World, connectwise: Open) -> None:
    await read_all(connectwise())

    [request] = world.requests(NA, API)
    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"harbour+Public:q-secret").decode()
    assert request.headers["clientid"] == "c-id"
    assert request.headers["accept"] == "application/vnd.connectwise.com+json; version=2025.16"
    assert request.headers["pagination-type"] == "forward-only"
    assert dict(request.url.params) == {
        "conditions": "deletedFlag=false and id>-1",
        "orderBy": "id asc",
        "pageSize": "1000",
    }


@pytest.mark.parametrize(
    ("base_url", "host"),
    [
        ("https://api-eu.myconnectwise.net", EU),
        ("https://eu.myconnectwise.net/", EU),
        ("https://API-EU.myconnectwise.net/v4_6_release/apis/3.0/", EU),
        ("https://psa.example", "psa.example"),
        ("https://psa.example/v4_6_release/apis/3.0", "psa.example"),
    ],
)
async def test_a_base_url_is_taken_as_people_paste_it(
    world: World, connectwise: Open, base_url: str, host: str
) -> None:
    assert await read_all(connectwise(base_url)) == ["1", "5"]

    assert {at for at, _ in world.sent} == {host}
    assert world.requests(host, "companies")[0].url.path == API


async def test_without_a_base_url_the_vendor_may_name_a_site_of_its_own(world: World, connectwise: Open) -> None:
    world.says(NA, "/login/companyinfo/harbour", told(SiteUrl="eu.myconnectwise.net"))

    await read_all(connectwise())

    assert world.saw_credentials() == {EU}


@pytest.mark.parametrize(
    "site",
    [
        "evil.example",
        "https://evil.example",
        "http://api-eu.myconnectwise.net",
        "myconnectwise.net.evil.example",
        "evilmyconnectwise.net",
        "api-eu.myconnectwise.net:8443",
        "api-eu.myconnectwise.net@evil.example",
        "x:y@api-eu.myconnectwise.net",
        "api-eu.myconnectwise.net/other",
        "api-eu.myconnectwise.net?x=1",
    ],
)
async def test_a_site_that_is_not_the_vendors_is_sent_nothing(world: World, connectwise: Open, site: str) -> None:
    world.says(NA, "/login/companyinfo/harbour", told(SiteUrl=site))

    with pytest.raises(Permanent):
        await connectwise().check()

    assert {host for host, _ in world.sent} == {NA}
    assert world.saw_credentials() == set()


async def test_the_site_is_not_looked_at_where_there_is_a_base_url(world: World, connectwise: Open) -> None:
    world.says("psa.example", "/login/companyinfo/harbour", told(SiteUrl="evil.example"))

    await connectwise("https://psa.example").check()

    assert {host for host, _ in world.sent} == {"psa.example"}


@pytest.mark.parametrize(
    "codebase", ["../x/", "v1/../../evil", "//evil.example/", "@evil.example/", "v1?x=", 7, ["v1"], {"a": 1}]
)
async def test_a_codebase_that_is_none_is_another_api(world: World, connectwise: Open, codebase: Any) -> None:
    world.says(NA, "/login/companyinfo/harbour", told(codebase))

    with pytest.raises(Permanent, match="base_url"):
        await connectwise().check()

    assert world.saw_credentials() == set()


@pytest.mark.parametrize("codebase", [None, ""])
async def test_a_server_without_a_codebase_has_the_usual_one(
    world: World, connectwise: Open, codebase: str | None
) -> None:
    world.says("psa.example", "/login/companyinfo/harbour", told(codebase))

    await read_all(connectwise("https://psa.example"))

    assert world.requests("psa.example", "companies")[0].url.path == "/v4_6_release/apis/3.0/company/companies"


async def test_an_unknown_company_is_told_as_such(world: World, connectwise: Open) -> None:
    world.says(NA, "/login/companyinfo/harbour", ok(None))

    with pytest.raises(AuthFailed, match="company"):
        await connectwise().check()

    assert world.saw_credentials() == set()


async def test_after_an_upgrade_the_codebase_is_asked_for_once_more_and_the_list_read_on(
    world: World, connectwise: Open
) -> None:
    def upgraded_after_a_page(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/v2025_2/"):
            assert request.url.params["conditions"].endswith("id>1")
            return ok([company(5)])
        if "pageId" in request.url.params:
            return httpx.Response(404, html="<html>404</html>")
        return ok([company(1)], Link=f'<https://{NA}{API}?pageId=1>; rel="next"')

    world.says(NA, "/login/companyinfo/harbour", told(), told("v2025_2/"))
    world.says(NA, "/company/companies", upgraded_after_a_page)

    assert await read_all(connectwise()) == ["1", "5"]

    assert len(world.requests(NA, "/login/companyinfo/harbour")) == 2


async def test_one_account_is_found_on_the_new_codebase_too(world: World, connectwise: Open) -> None:
    world.says(NA, "/login/companyinfo/harbour", told(), told("v2025_2/"))
    world.says(NA, "/v2025_2/apis/3.0/company/companies/7", ok(company(7)))

    assert await connectwise().account("7") is not None


async def test_a_company_that_is_not_there_is_none_after_one_more_question(world: World, connectwise: Open) -> None:
    world.says(NA, f"{API}/7", httpx.Response(404, json={"code": "NotFound", "message": "Company 7 not found"}))

    assert await connectwise().account("7") is None

    assert len(world.requests(NA, f"{API}/7")) == 1
    assert len(world.requests(NA, "/login/companyinfo/harbour")) == 2


async def test_a_server_without_connectwise_says_so(world: World, connectwise: Open) -> None:
    world.says("psa.example", "/login/companyinfo/harbour", httpx.Response(404, html="<html>404</html>"))

    with pytest.raises(Permanent, match="no ConnectWise"):
        await connectwise("https://psa.example").check()

    assert world.saw_credentials() == set()


@pytest.mark.parametrize("missing", ["company", "public_key", "private_key", "client_id"])
@pytest.mark.parametrize("value", [None, "", " x", "a\r\nHost: evil.example", "\x00"])
async def test_credentials_that_no_header_can_carry_are_refused_before_a_call(
    world: World, connectwise: Open, missing: str, value: str | None
) -> None:
    whole = {"company": "a", "public_key": "p", "private_key": "q", "client_id": "c"}
    given = {name: text for name, text in (whole | {missing: value}).items() if text is not None}

    with pytest.raises(AuthFailed, match=missing):
        await connectwise(credentials=given).check()

    assert world.sent == []


@pytest.mark.parametrize("given", [{"company": "a:b"}, {"public_key": "p:q"}, {"company": ".."}])
async def test_names_that_would_move_the_border_to_the_private_key_are_refused(
    world: World, connectwise: Open, given: dict[str, str]
) -> None:
    whole = {"company": "a", "public_key": "p", "private_key": "q", "client_id": "c"}

    with pytest.raises(AuthFailed):
        await connectwise(credentials=whole | given).check()

    assert world.sent == []


async def test_a_company_with_other_letters_stays_within_its_step_of_the_address(
    world: World, connectwise: Open
) -> None:
    whole = {"company": "a/../b?c=d", "public_key": "p", "private_key": "q", "client_id": "c"}

    with pytest.raises(Permanent):
        await connectwise(credentials=whole).check()

    assert [request.url.raw_path for _, request in world.sent] == [b"/login/companyinfo/a%2F..%2Fb%3Fc%3Dd"]
