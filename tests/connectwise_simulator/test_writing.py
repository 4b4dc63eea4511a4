"""Creations and changes: a patch is checked against the whole record, and refused with what is wrong where."""

from typing import Any

import pytest

from embedded.connectwise.samples import LEGACY_ID

Simulator = Any
NEW = {"identifier": "NYSTROM", "name": "Nyström Ø 🥐", "status": {"id": 1}, "city": "Malmö"}


@pytest.fixture
def made(simulator: Simulator) -> Any:
    number = simulator.api("POST", "company/companies", NEW).raise_for_status().json()["id"]
    yield number
    simulator.control.delete(f"/companies/{number}").raise_for_status()


def patch(simulator: Simulator, number: int, **fields: Any) -> Any:
    operations = [{"op": "replace", "path": name, "value": value} for name, value in fields.items()]
    return simulator.api("PATCH", f"company/companies/{number}", operations)


def test_a_creation_answers_201_with_the_whole_record(simulator: Simulator) -> None:
    answer = simulator.api("POST", "company/companies", NEW)

    assert answer.status_code == 201
    assert (answer.json()["name"], answer.json()["status"]["name"]) == ("Nyström Ø 🥐", "Active")
    simulator.control.delete(f"/companies/{answer.json()['id']}")


def test_a_patch_changes_what_it_names_and_answers_the_record(simulator: Simulator, made: int) -> None:
    answer = patch(simulator, made, phoneNumber="+46 8 465 004 90", **{"status/id": 2})

    assert answer.status_code == 200
    assert (answer.json()["phoneNumber"], answer.json()["name"]) == ("+46 8 465 004 90", NEW["name"])
    assert answer.json()["status"]["name"] == "Not-Active"


def test_a_value_is_removed(simulator: Simulator, made: int) -> None:
    answer = simulator.api("PATCH", f"company/companies/{made}", [{"op": "remove", "path": "/city"}])

    assert "city" not in answer.json()


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"name": "x" * 51}, "MaxLength", "name"),
        ({"zip": "1234567890123"}, "MaxLength", "zip"),
        ({"name": ""}, "MissingRequired", "name"),
        ({"name": None}, "MissingRequired", "name"),
        ({"status": {"id": 9}}, "InvalidReference", "status"),
        ({"yearEstablished": 1}, "OutOfRange", "yearEstablished"),
        ({"identifier": "NW19300"}, "ObjectExists", "identifier"),
    ],
)
def test_a_wrong_value_is_refused_by_field(
    simulator: Simulator, made: int, fields: dict[str, Any], code: str, field: str
) -> None:
    answer = patch(simulator, made, **fields)

    assert (answer.status_code, answer.json()["code"]) == (400, "InvalidObject")
    assert [(each["code"], each["field"]) for each in answer.json()["errors"]] == [(code, field)]
    assert simulator.api("GET", f"company/companies/{made}").json()["name"] == NEW["name"]


def test_a_patch_fails_for_a_field_that_it_does_not_touch(simulator: Simulator) -> None:
    answer = patch(simulator, LEGACY_ID, city="Utrecht")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"] == "The field yearEstablished must be between 1900 and 9999."
    assert patch(simulator, LEGACY_ID, city="Utrecht", yearEstablished=1980).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"name": "no list"},
        [{"op": "move", "path": "name"}],
        [{"op": "replace", "path": "nothing", "value": 1}],
        [{"op": "replace", "path": "name", "value": 7}],
        [{"op": "replace", "path": "country", "value": "NL"}],
        ["x"],
    ],
)
def test_a_patch_of_another_form_is_refused(simulator: Simulator, made: int, body: Any) -> None:
    answer = simulator.api("PATCH", f"company/companies/{made}", body)

    assert (answer.status_code, answer.json()["code"]) == (400, "InvalidPatch")


def test_a_body_that_is_no_json_is_a_500(simulator: Simulator, made: int) -> None:
    answer = simulator.control.patch(
        f"/{simulator.codebase}/apis/3.0/company/companies/{made}",
        content=b"{",
        headers=dict(simulator.api("GET", "system/info").request.headers.items()) | {"content-length": "1"},
    )

    assert (answer.status_code, answer.json()["code"]) == (500, "ConnectWiseApi")


def test_a_creation_needs_a_part_of_an_address_and_its_own_identifier(simulator: Simulator) -> None:
    bare = {name: value for name, value in NEW.items() if name != "city"}

    assert simulator.api("POST", "company/companies", bare).status_code == 400
    assert simulator.api("POST", "company/companies", NEW | {"identifier": "NW19300"}).status_code == 400


def test_a_person_flags_a_company_and_deletes_it_for_good(simulator: Simulator, made: int) -> None:
    flagged = simulator.control.patch(f"/companies/{made}", json={"deletedFlag": True})

    assert flagged.json()["deletedFlag"] is True
    assert simulator.companies(f"deletedFlag=false and id={made}") == []
    assert simulator.control.patch(f"/companies/{made}", json={"name": ""}).status_code == 422


def test_a_text_is_as_long_as_its_utf_16(simulator: Simulator, made: int) -> None:
    assert patch(simulator, made, zip="🥐" * 6).status_code == 200
    assert patch(simulator, made, zip="🥐" * 6 + "1").status_code == 400


def test_a_country_is_given_by_its_id_of_the_list_and_taken_away(simulator: Simulator, made: int) -> None:
    listed = simulator.api("GET", "company/countries", pageSize=1000).json()
    [sweden] = [each["id"] for each in listed if each["countryCode"] == "SE"]

    given = patch(simulator, made, country={"id": sweden})
    taken = simulator.api("PATCH", f"company/companies/{made}", [{"op": "remove", "path": "country"}])

    assert (given.json()["country"]["name"], taken.json()["country"]) == ("Sweden", None)


def test_a_locked_record_is_not_changed_and_still_read(simulator: Simulator, made: int) -> None:
    simulator.fails(locked={"times": 1})

    locked = patch(simulator, made, city="Lund")

    assert (locked.status_code, "deadlock" in locked.json()["message"]) == (500, True)
    assert simulator.api("GET", f"company/companies/{made}").json()["city"] == "Malmö"
    assert patch(simulator, made, city="Lund").status_code == 200


def test_a_time_out_may_come_after_the_change(simulator: Simulator, made: int) -> None:
    text = "A timeout has occured. Please try again."
    simulator.fails(status={"code": 500, "text": text, "applied": True, "method": "PATCH", "times": 1})

    answer = patch(simulator, made, city="Lund")

    assert (answer.status_code, answer.json()["message"]) == (500, text)
    assert simulator.api("GET", f"company/companies/{made}").json()["city"] == "Lund"
