"""ConnectWise's answers that want the credentials sent elsewhere, and those of other forms: asserted on what the hosts
were sent."""

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx
import pytest

from psa_sync_svc.domain.account import Address
from psa_sync_svc.workers.psa import AuthFailed, Permanent, Psa, PsaError, RateLimited, Transient

Open = Any
World = Any
NA, EU = "api-na.myconnectwise.net", "api-eu.myconnectwise.net"
API = "/v2025_1/apis/3.0/company/companies"


def ok(payload: object, **headers: str) -> httpx.Response:
    return httpx.Response(200, content=json.dumps(payload), headers={"Content-Type": "application/json", **headers})


def company(number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "name": f"Company {number}", "status": {"id": 1, "name": "Active"}, **more}


def told(codebase: str | None = "v2025_1/", **more: Any) -> httpx.Response:
    return ok({"CompanyName": "Harbour", "Codebase": codebase, **more})


@pytest.fixture(autouse=True)
def _scripted(world: World) -> None:
    for host in (NA, EU, "psa.example"):
        world.says(host, "/login/companyinfo/harbour", told())
        world.says(host, "/companies/statuses", ok([{"id": 1, "inactiveFlag": False}, {"id": 2, "inactiveFlag": True}]))
        world.says(host, "/company/companies", ok([company(1), company(5)]))


async def read_all(psa: Psa, **given: Any) -> list[str]:
    return [account.account_id async for page in psa.accounts(**given) for account in page]


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


async def test_changes_are_asked_for_by_time_in_brackets_with_an_overlap(world: World, connectwise: Open) -> None:
    await read_all(connectwise(), modified_since="2026-11-22T10:00:00Z")
    await read_all(connectwise(times_without_zone=True), modified_since="2026-11-22T11:00:00+01:00")

    asked = [request.url.params["conditions"] for request in world.requests(NA, API)]
    assert asked == [
        "deletedFlag=false and lastUpdated>=[2026-11-22T09:58:00Z] and id>-1",
        "deletedFlag=false and lastUpdated>=[2026-11-22T09:58:00] and id>-1",
    ]


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


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/x?pageId=1",
        f"http://{NA}{API}?pageId=1",
        f"https://{NA}:444{API}?pageId=1",
        f"https://{EU}{API}?pageId=1",
        f"https://{NA}@evil.example/",
        f"https://x:y@{NA}/",
        f"{API}?pageId=1",
    ],
)
async def test_a_next_page_elsewhere_is_not_called(world: World, connectwise: Open, link: str) -> None:
    world.says(NA, "/company/companies", ok([company(1)], Link=f'<{link}>; rel="next"'))

    with pytest.raises(Permanent, match="another host"):
        await read_all(connectwise())

    assert world.saw_credentials() == {NA}
    assert len(world.requests(NA, API)) == 1


@pytest.mark.parametrize("more", ["pageId=1", "page=2"])
async def test_pages_of_both_kinds_are_read_to_their_end(world: World, connectwise: Open, more: str) -> None:
    link = f'<https://{NA}{API}?pageSize=1000&{more}>; rel="next", <https://{NA}{API}?page=9>; rel="last"'
    last = f'<https://{NA}{API}?page=1>; rel="first"'
    world.says(NA, "/company/companies", ok([company(1)], Link=link), ok([company(5)], Link=last))

    assert await read_all(connectwise()) == ["1", "5"]

    second = world.requests(NA, API)[1]
    assert second.url.query.decode() == f"pageSize=1000&{more}"


async def test_pages_that_do_not_advance_are_refused(world: World, connectwise: Open) -> None:
    link = f'<https://{NA}{API}?pageId=1>; rel="next"'
    world.says(NA, "/company/companies", ok([company(1)], Link=link))
    with pytest.raises(Permanent, match="come twice"):
        await read_all(connectwise())

    world.says(NA, "/company/companies", ok([], Link=link))
    with pytest.raises(Permanent, match="come to an end"):
        await read_all(connectwise())


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, {"code": "ConnectWiseApi", "message": "UserNotAuthenticated"}, AuthFailed),
        (400, {"code": "ConnectWiseApi", "message": "UserNotAuthenticated"}, AuthFailed),
        (401, {"code": "Unauthorized", "message": "no"}, AuthFailed),
        (400, {"code": "InvalidObject", "message": "company object is invalid", "errors": []}, Permanent),
        (403, {"code": "SecurityRole", "message": "no"}, Permanent),
        (405, {"code": "x", "message": "y"}, Permanent),
        (409, {"code": "ConnectWiseApi", "message": "in use"}, Transient),
        (415, {"code": "x", "message": "y"}, Permanent),
        (500, {"code": "ConnectWiseApi", "message": "Error converting value x. Path '', line 1."}, Permanent),
        (500, {"code": "ConnectWiseApi", "message": "Something else"}, Transient),
        (429, {"code": "x", "message": "y"}, RateLimited),
    ],
)
async def test_an_error_is_told_by_its_body(
    world: World, connectwise: Open, status: int, body: Mapping[str, Any], error: type[PsaError]
) -> None:
    world.says(NA, f"{API}/7", httpx.Response(status, json=body))

    with pytest.raises(error) as raised:
        await connectwise().account("7")

    assert raised.type.__mro__.index(error) <= 1
    assert len(world.requests(NA, f"{API}/7")) == 1
    assert "q-secret" not in str(raised.value)


async def test_a_time_out_of_the_application_is_tried_again_though_it_is_a_500(world: World, connectwise: Open) -> None:
    slow = httpx.Response(500, json={"code": "ConnectWiseApi", "message": "A timeout has occured. Please try again."})
    world.says(NA, f"{API}/7", slow, slow, ok(company(7)))

    assert await connectwise().account("7") is not None


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


@pytest.mark.parametrize(
    "payload",
    [None, "text", {"items": []}, [7], [{"name": "no id"}], [{"id": "5"}], [{"id": 5, "name": ["A"]}], [{"id": True}]],
)
async def test_json_of_another_shape_is_another_api(world: World, connectwise: Open, payload: object) -> None:
    world.says(NA, "/company/companies", ok(payload))

    with pytest.raises(Permanent, match="base_url"):
        await read_all(connectwise())


async def test_another_company_than_was_asked_for_is_not_taken(world: World, connectwise: Open) -> None:
    world.says(NA, f"{API}/7", ok(company(8)))

    with pytest.raises(Permanent):
        await connectwise().account("7")


async def test_a_flagged_company_is_none_and_one_of_an_inactive_status_is_inactive(
    world: World, connectwise: Open
) -> None:
    world.says(NA, f"{API}/7", ok(company(7, deletedFlag=True)))
    world.says(NA, f"{API}/8", ok(company(8, status={"id": 2})))
    psa = connectwise()

    assert await psa.account("7") is None
    found = await psa.account("8")
    assert found is not None
    assert found.active is False


async def test_what_is_known_of_a_company_is_asked_for_once(world: World, connectwise: Open) -> None:
    world.says(NA, f"{API}/7", ok(company(7)))

    for _ in range(3):
        await connectwise().account("7")

    assert len(world.requests(NA, "/login/companyinfo/harbour")) == 1
    assert len(world.requests(NA, "/companies/statuses")) == 1
    assert len(world.requests(NA, f"{API}/7")) == 3


@pytest.mark.parametrize(
    ("country", "ours"),
    [
        ({"id": 1, "name": "United States", "identifier": "US"}, "US"),
        ({"id": 1, "name": "United States"}, "US"),
        ({"id": 1, "name": "Czech Republic", "identifier": "CZE"}, "CZ"),
        ({"id": 1, "name": "Germany", "identifier": "D-1"}, "DE"),
        ({"id": 1, "name": "Netherlands Antilles", "identifier": "AN"}, "Netherlands Antilles"),
        ({"id": 1}, None),
        (None, None),
    ],
)
async def test_a_country_is_iso_where_its_identifier_or_its_name_is(
    world: World, connectwise: Open, country: Any, ours: str | None
) -> None:
    world.says(NA, f"{API}/7", ok(company(7, country=country, city="X")))

    found = await connectwise().account("7")

    assert found is not None
    assert found.company_address == Address(city="X", country=ours)


async def test_the_reference_is_the_field_that_is_set_and_the_mail_address_only_a_hint(
    world: World, connectwise: Open
) -> None:
    whole = {"accountNumber": "A-1", "userDefinedField3": "U-3", "invoiceToEmailAddress": "books@harbour.example"}
    stamped = {"_info": {"lastUpdated": "2015-12-24T22:08:22Z"}}
    world.says(NA, f"{API}/7", ok(company(7, **whole, **stamped)))

    usual = await connectwise().account("7")
    other = await connectwise(reference_field="userDefinedField3").account("7")

    assert usual is not None
    assert other is not None
    assert (usual.reference, other.reference) == ("A-1", "U-3")
    assert usual.email_hint == "books@harbour.example"
    assert usual.modified_at is not None
    assert datetime.fromisoformat(usual.modified_at) == datetime.fromisoformat("2015-12-24T22:08:22Z")
