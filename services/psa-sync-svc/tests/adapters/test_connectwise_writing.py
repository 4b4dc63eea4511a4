"""Changes in ConnectWise: a patch is checked against the whole record, and an answer is not always a confirmation."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from psa_sync_svc.domain.account import Address
from psa_sync_svc.domain.fields import Field
from psa_sync_svc.workers.psa import (
    AuthFailed,
    FieldsRefused,
    Missing,
    Permanent,
    PsaError,
    Transient,
    Unanswered,
)

Open = Any
World = Any
NA = "api-na.myconnectwise.net"
NAME, PHONE, ADDRESS, REFERENCE = Field.COMPANY_NAME, Field.CONTACT_NUMBER, Field.COMPANY_ADDRESS, Field.REFERENCE
OLD, NEW = "/v2025_1/apis/3.0/company/companies/7", "/v2025_2/apis/3.0/company/companies/7"
COUNTRIES = [{"id": 3, "name": "Holland", "countryCode": "NL"}, {"id": 15, "name": "Netherlands", "countryCode": "NL"}]


def ok(payload: object) -> httpx.Response:
    return httpx.Response(200, json=payload)


def invalid(*mistakes: tuple[str, str], code: str = "InvalidObject") -> httpx.Response:
    errors = [{"code": each, "message": "The 1 Secret Lane is odd", "resource": "company", "field": field}
              for each, field in mistakes]  # fmt: skip
    return httpx.Response(400, json={"code": code, "message": "company object is invalid", "errors": errors})


@pytest.fixture(autouse=True)
def _scripted(world: World) -> None:
    world.says(NA, "/login/companyinfo/harbour", ok({"Codebase": "v2025_1/"}))
    world.says(NA, "/company/countries", ok(COUNTRIES))
    world.says(NA, OLD, ok({"id": 7, "name": "B"}))


def changes(world: World, path: str = OLD) -> list[Any]:
    return [json.loads(request.content) for request in world.requests(NA, path) if request.method == "PATCH"]


async def test_after_an_upgrade_a_change_is_made_once_more_on_the_new_codebase(world: World, connectwise: Open) -> None:
    world.says(NA, "/login/companyinfo/harbour", ok({"Codebase": "v2025_1/"}), ok({"Codebase": "v2025_2/"}))
    world.says(NA, OLD, httpx.Response(404, html="<html>404</html>"))
    world.says(NA, NEW, ok({"id": 7}))

    await connectwise().update("7", {NAME: "B"})

    assert changes(world) == changes(world, NEW) == [[{"op": "replace", "path": "name", "value": "B"}]]


async def test_a_404_of_the_application_is_a_missing_company(world: World, connectwise: Open) -> None:
    world.says(NA, OLD, httpx.Response(404, json={"code": "NotFound", "message": "Company 7 not found"}))

    with pytest.raises(Missing):
        await connectwise().update("7", {NAME: "B"})

    assert len(changes(world)) == 1


@pytest.mark.parametrize(
    "answer", [httpx.Response(404, html="<html>404</html>"), httpx.Response(404), httpx.Response(404, json={})]
)
async def test_a_404_of_another_server_is_a_wrong_address_and_nothing_is_missing(
    world: World, connectwise: Open, answer: httpx.Response
) -> None:
    world.says(NA, OLD, answer)

    with pytest.raises(Permanent, match="check base_url") as changed:
        await connectwise().update("7", {NAME: "B"})
    with pytest.raises(Permanent, match="check base_url"):
        await connectwise().account("7")

    assert not isinstance(changed.value, Missing)
    assert len(changes(world)) == 1


async def test_a_401_ends_a_change(world: World, connectwise: Open) -> None:
    world.says(NA, OLD, httpx.Response(401, json={"code": "Unauthorized", "message": "no"}))

    with pytest.raises(AuthFailed) as told:
        await connectwise().update("7", {NAME: "B"})

    assert len(changes(world)) == 1
    assert "q-secret" not in f"{told.value} {told.value.__cause__!r}"


@pytest.mark.parametrize(
    ("mistakes", "fields"),
    [
        ([("MaxLength", "name")], {NAME: "ConnectWise finds it too long: shorten it"}),
        ([("MissingRequired", "name")], {NAME: "ConnectWise does not take it empty: give one"}),
        ([("ObjectExists", "name")], {NAME: "ConnectWise has another company with it: give another one"}),
        ([("Odd", "name")], {NAME: "ConnectWise does not take this value"}),
        ([("OutOfRange", "yearEstablished"), ("Odd", "name")], {NAME: "ConnectWise does not take this value"}),
        ([("Odd", "country/id")], {ADDRESS: "ConnectWise does not take this value"}),
        ([("MaxLength", "zip"), ("Odd", "city")], {ADDRESS: "ConnectWise finds it too long: shorten it"}),
        ([("Odd", "accountNumber"), ("MaxLength", "phoneNumber")],
         {PHONE: "ConnectWise finds it too long: shorten it", REFERENCE: "ConnectWise does not take this value"}),
    ],
)  # fmt: skip
async def test_mistakes_are_told_of_the_fields_that_were_to_be_changed(
    *, world: World, connectwise: Open, mistakes: Any, fields: dict[Field, str]
) -> None:
    world.says(NA, OLD, invalid(*mistakes))

    with pytest.raises(FieldsRefused) as told:
        await connectwise().update("7", {NAME: "B", PHONE: "1", ADDRESS: Address(city="C"), REFERENCE: "R"})

    assert told.value.fields == fields
    assert "Secret Lane" not in str(told.value)


@pytest.mark.parametrize(
    ("mistakes", "words"),
    [
        ([("OutOfRange", "yearEstablished")], "every change of this company because of its yearEstablished:"),
        ([("OutOfRange", "yearEstablished"), ("MaxLength", "zip")], "its yearEstablished, zip:"),
        ([("Odd", "<b>1 Secret Lane</b>")], "1 errors told"),
        ([("Odd", "")], "1 errors told"),
        ([], "0 errors told"),
    ],
)
async def test_a_record_that_is_refused_for_something_else_is_to_be_corrected_there(
    world: World, connectwise: Open, mistakes: Any, words: str
) -> None:
    world.says(NA, OLD, invalid(*mistakes))

    with pytest.raises(Permanent, match=words) as told:
        await connectwise().update("7", {NAME: "B"})

    assert not isinstance(told.value, FieldsRefused)
    assert "Secret Lane" not in str(told.value)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (invalid(code="InvalidPatch"), Permanent),
        (httpx.Response(400, json={"errors": "none", "code": 7, "message": None}), Permanent),
        (httpx.Response(400, json={"errors": ["x", None, {"field": 7}]}), Permanent),
        (httpx.Response(403, json={"code": "SecurityRole", "message": "no"}), Permanent),
        (httpx.Response(500, json={"message": "Error converting value x. Path '', line 1."}), Permanent),
        (httpx.Response(500, json={"message": "chosen as the deadlock victim"}), Transient),
        (httpx.Response(409, json={"message": "in use"}), Transient),
    ],
)
async def test_a_refusal_is_one_and_not_a_lost_answer(
    world: World, connectwise: Open, answer: httpx.Response, error: type[PsaError]
) -> None:
    world.says(NA, OLD, answer)

    with pytest.raises(error) as told:
        await connectwise().update("7", {NAME: "B"})

    assert not isinstance(told.value, Unanswered | FieldsRefused | Missing)


@pytest.mark.parametrize(
    "answer",
    [
        ok([]),
        ok(None),
        ok({"id": 8}),
        httpx.Response(204),
        httpx.Response(500, json={"code": "ConnectWiseApi", "message": "A timeout has occured. Please try again."}),
        httpx.Response(500, json={"code": "ConnectWiseApi", "message": "Something else"}),
        httpx.ReadError("x"),
    ],
)
async def test_an_answer_that_does_not_say_so_is_no_confirmation(world: World, connectwise: Open, answer: Any) -> None:
    world.says(NA, OLD, answer)

    with pytest.raises(Unanswered):
        await connectwise().update("7", {NAME: "B"})

    assert len(changes(world)) == 1


async def test_the_reference_is_the_field_that_is_set(world: World, connectwise: Open) -> None:
    await connectwise(reference_field="userDefinedField3").update("7", {REFERENCE: "R"})

    assert changes(world) == [[{"op": "replace", "path": "userDefinedField3", "value": "R"}]]


async def test_of_two_countries_with_one_code_the_first_is_taken(world: World, connectwise: Open) -> None:
    await connectwise().update("7", {ADDRESS: Address(country="NL")})

    assert changes(world)[0][-1] == {"op": "replace", "path": "country", "value": {"id": 3}}


async def test_countries_of_another_form_are_another_api(world: World, connectwise: Open) -> None:
    world.says(NA, "/company/countries", ok({"countries": COUNTRIES}))

    with pytest.raises(Permanent, match="check base_url"):
        await connectwise().update("7", {ADDRESS: Address(country="NL")})

    assert changes(world) == []


async def test_a_length_is_what_the_operator_says(world: World, connectwise: Open) -> None:
    assert (await connectwise().limits()).longest["reference"] == 50
    assert (await connectwise(longest={"reference": 100}).limits()).longest["reference"] == 100


async def test_changes_of_one_tenant_take_turns(world: World, connectwise: Open) -> None:
    await asyncio.gather(*(connectwise().update("7", {NAME: str(number)}) for number in range(5)))

    assert (world.most["PATCH"], len(changes(world))) == (1, 5)


@pytest.mark.parametrize(
    ("prefix", "written", "read"), [("+", "+31207946150", "0031207946151"), ("00", "0031207946150", "+31207946151")]
)
async def test_a_number_has_the_prefix_that_is_set_and_is_read_as_it_was_meant(
    *, world: World, connectwise: Open, prefix: str, written: str, read: str
) -> None:
    world.says(NA, "/company/companies/statuses", ok([{"id": 1, "inactiveFlag": False}]))
    world.says(NA, OLD, ok({"id": 7, "name": "B", "phoneNumber": "0031207946151"}))
    psa = connectwise(phone_prefix=prefix)

    await psa.update("7", {PHONE: "+31207946150", NAME: "B"})
    found = await psa.account("7")

    assert changes(world)[0][0] == {"op": "replace", "path": "phoneNumber", "value": written}
    assert found.contact_number == read
