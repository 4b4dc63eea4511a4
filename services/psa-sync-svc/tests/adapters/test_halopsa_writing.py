"""Changes in HaloPSA: two requests for one change, of which one may be made and the other not."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from psa_sync_svc.domain.account import Address
from psa_sync_svc.domain.fields import Field, FieldValue
from psa_sync_svc.workers.psa import (
    AuthFailed,
    FieldsRefused,
    Missing,
    Permanent,
    PsaError,
    RateLimited,
    Transient,
    Unanswered,
)

Open = Any
World = Any
Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]
HOST, URL = "harbour.halo.example", "https://harbour.halo.example"
NAME, PHONE, ADDRESS, REFERENCE = Field.COMPANY_NAME, Field.CONTACT_NUMBER, Field.COMPANY_ADDRESS, Field.REFERENCE
ALL: Mapping[Field, FieldValue] = {NAME: "New", PHONE: "+31207946150", ADDRESS: Address("L 1", city="Delft")}
OLD = {"id": 31, "type": 1, "site_id": 3, "line1": "Old", "lat": 52.1, "note": "old", "postcode": "1"}
SITE = {"id": 3, "phonenumber": "1", "country_code": "AN", "country_code_name": "Netherlands Antilles"}


def said(status: int, payload: object) -> httpx.Response:
    return httpx.Response(status, json=payload)


def shown(request: httpx.Request) -> httpx.Response:
    """The record as it is after the change."""
    return said(201, json.loads(request.content)[0])


@pytest.fixture(autouse=True)
def _scripted(world: World) -> None:
    world.says(HOST, "/api/authinfo", said(200, {"auth_url": f"{URL}/auth"}))
    world.says(HOST, "/auth/token", said(200, {"access_token": "t", "expires_in": 3600}))
    world.says(HOST, "/api/Client/7", said(200, {"id": 7, "name": "Old", "main_site_id": 3}))
    world.says(HOST, "/api/Site/3", said(200, {**SITE, "delivery_address": OLD}))
    world.says(HOST, "/api/Client", shown)
    world.says(HOST, "/api/Site", shown)


def changes(world: World) -> list[Any]:
    """What was posted where."""
    posted = [request for _, request in world.sent if request.method == "POST" and "/api/" in request.url.path]
    return [(request.url.path.rpartition("/")[2], json.loads(request.content)) for request in posted]


async def test_the_client_is_changed_and_then_its_site_each_in_an_array(world: World, halopsa: Open) -> None:
    await halopsa(URL).update("7", {**ALL, REFERENCE: "NW-7"})

    lines = {"line1": "L 1", "line2": "", "line3": "Delft", "line4": "", "postcode": ""}
    address = {"id": 31, "type": 1, "site_id": 3, **lines}
    site = {"id": 3, "phonenumber": "+31207946150", "country_code": "", "delivery_address": address}
    assert changes(world) == [("Client", [{"id": 7, "name": "New", "ref": "NW-7"}]), ("Site", [site])]
    assert {request.headers["content-type"] for request in world.requests(HOST, "/api/Site")} == {
        "application/json; charset=utf-8"
    }


@pytest.mark.parametrize(
    ("values", "endpoints"),
    [({NAME: "New"}, ["Client"]), ({REFERENCE: None}, ["Client"]), ({PHONE: None}, ["Site"]), ({}, [])],
)
async def test_only_what_has_to_be_changed_is_written(
    world: World, halopsa: Open, values: Mapping[Field, FieldValue], endpoints: list[str]
) -> None:
    await halopsa(URL).update("7", values)

    assert [endpoint for endpoint, _ in changes(world)] == endpoints


async def test_settings_say_which_field_and_which_line(world: World, halopsa: Open) -> None:
    psa = halopsa(URL, reference_field="accountsid", city_line="line4")

    await psa.update("7", {REFERENCE: "A-1", ADDRESS: Address(city="Delft", region="ZH")})

    [(_, [client]), (_, [site])] = changes(world)
    assert client == {"id": 7, "accountsid": "A-1"}
    assert (site["delivery_address"]["line4"], site["delivery_address"]["line3"]) == ("Delft", "ZH")


@pytest.mark.parametrize(
    ("country", "sent"),
    [("NL", {"country_code": "NL"}), (None, {"country_code": ""}), ("Netherlands Antilles", {})],
)
async def test_a_country_is_sent_by_its_code_or_left_as_it_is(
    world: World, halopsa: Open, country: str | None, sent: dict[str, str]
) -> None:
    await halopsa(URL).update("7", {ADDRESS: Address(city="X", country=country)})

    [(_, [site])] = changes(world)
    assert {name: value for name, value in site.items() if "country" in name} == sent


async def test_a_site_without_an_address_gets_one(world: World, halopsa: Open) -> None:
    world.says(HOST, "/api/Site/3", said(200, {"id": 3, "delivery_address": None}))

    await halopsa(URL).update("7", {ADDRESS: Address(city="X")})

    [(_, [site])] = changes(world)
    assert set(site["delivery_address"]) == {"line1", "line2", "line3", "line4", "postcode"}


@pytest.mark.parametrize("client", [{"id": 7, "main_site_id": 0}, {"id": 7}, {"id": 7, "main_site_id": 4}])
async def test_without_a_main_site_its_fields_are_refused_and_nothing_is_sent(
    world: World, halopsa: Open, client: dict[str, Any]
) -> None:
    world.says(HOST, "/api/Client/7", said(200, client))
    world.says(HOST, "/api/Site/4", said(404, {"errorMessage": "no"}))

    with pytest.raises(FieldsRefused, match="main site") as told:
        await halopsa(URL).update("7", ALL)

    assert set(told.value.fields) == {PHONE, ADDRESS}
    assert changes(world) == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.ReadError("cut"), Unanswered),
        (said(504, {}), Unanswered),
        (said(503, {}), Unanswered),
        (said(409, {"Message": "locked"}), Unanswered),
        (said(200, {"id": 4}), Unanswered),
        (httpx.ConnectError("gone"), Unanswered),
        (httpx.Response(429, headers={"Retry-After": "7"}), RateLimited),
        (said(403, {}), Permanent),
        (said(401, {}), AuthFailed),
        (said(400, {"[0].phonenumber": ["no"]}), FieldsRefused),
    ],
)
async def test_where_the_client_was_changed_and_the_site_not_a_repeat_mends_it(
    world: World, halopsa: Open, answer: Answer, error: type[PsaError]
) -> None:
    world.says(HOST, "/api/Site", answer)

    with pytest.raises(error) as told:
        await halopsa(URL).update("7", ALL)
    world.says(HOST, "/api/Site", shown)
    await halopsa(URL).update("7", ALL)

    assert isinstance(told.value, Unanswered) is (error is Unanswered)
    first, *_, again, last = changes(world)
    assert (first, last[0]) == (again, "Site")
    assert last in changes(world)[1:-2]


@pytest.mark.parametrize("answer", [httpx.ReadError("cut"), said(504, {}), httpx.Response(201, text="{"), said(201, 7)])
async def test_where_nothing_is_known_of_the_client_its_site_is_left_alone(
    world: World, halopsa: Open, answer: Answer
) -> None:
    world.says(HOST, "/api/Client", answer)

    with pytest.raises(Unanswered):
        await halopsa(URL).update("7", ALL)

    assert [endpoint for endpoint, _ in changes(world)] == ["Client"]


@pytest.mark.parametrize("answer", [said(201, [{"id": 7, "name": "New"}]), said(200, {"id": 7}), said(201, {"id": 7})])
async def test_the_record_may_be_shown_in_an_array_or_in_part(
    world: World, halopsa: Open, answer: httpx.Response
) -> None:
    world.says(HOST, "/api/Client", answer)

    await halopsa(URL).update("7", {NAME: "New"})


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({"id": 7, "name": "A long na"}, NAME),
        ({"id": 7, "name": ""}, NAME),
        ({"id": 7, "name": "A long name ", "ref": "R"}, REFERENCE),
    ],
)
async def test_a_text_that_was_cut_is_noticed(world: World, halopsa: Open, payload: Any, field: Field) -> None:
    world.says(HOST, "/api/Client", said(201, payload))

    with pytest.raises(FieldsRefused, match="did not keep the whole") as told:
        await halopsa(URL).update("7", {NAME: "A long name", REFERENCE: "R-1"})

    assert set(told.value.fields) == {field}


async def test_a_line_that_was_cut_is_the_addresss(world: World, halopsa: Open) -> None:
    world.says(HOST, "/api/Site", said(201, {"id": 3, "delivery_address": {"line1": "L"}}))

    with pytest.raises(FieldsRefused) as told:
        await halopsa(URL).update("7", {ADDRESS: Address("L 1"), PHONE: "1"})

    assert set(told.value.fields) == {ADDRESS}


@pytest.mark.parametrize(
    ("payload", "fields"),
    [
        ({"[0].name": ["too long"]}, {NAME}),
        ({"ModelState": {"[0].Name": ["x"]}, "Message": "The request is invalid."}, {NAME}),
        ({"errors": {"$[0].ref": ["x"]}, "title": "One or more validation errors occurred."}, {REFERENCE}),
        ({"[0].name": ["x"], "[0].ref": ["y"], "[0].colour": ["z"]}, {NAME, REFERENCE}),
    ],
)
async def test_a_refusal_is_told_by_field_and_never_with_its_text(
    world: World, halopsa: Open, payload: Any, fields: set[Field]
) -> None:
    world.says(HOST, "/api/Client", said(400, payload))

    with pytest.raises(FieldsRefused) as told:
        await halopsa(URL).update("7", {NAME: "Secret Lane", REFERENCE: "R"})

    assert set(told.value.fields) == fields
    assert "Secret" not in str(told.value)


@pytest.mark.parametrize("payload", [{"[0].colour": ["x"]}, {"Message": "String or binary data"}, ["x"], "x", {}])
async def test_a_refusal_that_names_none_of_the_fields_is_about_the_whole(
    world: World, halopsa: Open, payload: Any
) -> None:
    world.says(HOST, "/api/Client", said(400, payload))

    with pytest.raises(Permanent) as told:
        await halopsa(URL).update("7", {NAME: "New"})

    assert not isinstance(told.value, FieldsRefused | Missing)


@pytest.mark.parametrize("answer", [said(400, {"Message": "no"}), said(404, {"errorMessage": "no"})])
async def test_a_client_that_went_meanwhile_is_missing(world: World, halopsa: Open, answer: httpx.Response) -> None:
    world.says(HOST, "/api/Client/7", said(200, {"id": 7}), said(404, {"errorMessage": "no"}))
    world.says(HOST, "/api/Client", answer)

    with pytest.raises(Missing):
        await halopsa(URL).update("7", {NAME: "New"})


async def test_a_client_that_there_is_not_is_never_posted_since_that_might_make_it(world: World, halopsa: Open) -> None:
    world.says(HOST, "/api/Client/7", said(404, {"errorMessage": "no"}))

    with pytest.raises(Missing):
        await halopsa(URL).update("7", ALL)

    assert changes(world) == []


async def test_before_anything_is_sent_trouble_with_reading_is_transient(world: World, halopsa: Open) -> None:
    world.says(HOST, "/api/Site/3", said(500, {}))

    with pytest.raises(Transient) as told:
        await halopsa(URL).update("7", ALL)

    assert told.type is Transient
    assert changes(world) == []
