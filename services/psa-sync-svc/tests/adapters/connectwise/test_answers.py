"""ConnectWise's pages, errors and companies, and those of other forms."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx
import pytest

from psa_sync_svc.domain.account import Address
from psa_sync_svc.workers.psa import AuthFailed, Permanent, PsaError, RateLimited, Transient

from .answers import API, EU, NA, Open, World, company, ok, read_all


async def test_changes_are_asked_for_by_time_in_brackets_with_an_overlap(world: World, connectwise: Open) -> None:
    await read_all(connectwise(), modified_since="2026-11-22T10:00:00Z")
    await read_all(connectwise(times_without_zone=True), modified_since="2026-11-22T11:00:00+01:00")

    asked = [request.url.params["conditions"] for request in world.requests(NA, API)]
    assert asked == [
        "deletedFlag=false and lastUpdated>=[2026-11-22T09:58:00Z] and id>-1",
        "deletedFlag=false and lastUpdated>=[2026-11-22T09:58:00] and id>-1",
    ]


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
