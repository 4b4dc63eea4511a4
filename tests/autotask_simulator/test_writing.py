"""Creations and changes: which verb where, what becomes null, what is refused in which words."""

from typing import Any

import pytest

Simulator = Any
NEW = {"companyName": "Nyström Ø 🥐", "companyType": 1, "ownerResourceID": 29682885, "phone": "+46 8 465 004 90"}


@pytest.fixture
def made(simulator: Simulator) -> int:
    answer = simulator.api("POST", "Companies", {**NEW, "city": "Malmö"})
    number: int = answer.json()["itemId"]
    return number


def test_a_creation_answers_the_id_only_and_keeps_every_letter(simulator: Simulator, made: int) -> None:
    item = simulator.api("GET", f"Companies/{made}").json()["item"]

    assert item["companyName"] == "Nyström Ø 🥐"
    assert item["isActive"] is True
    assert item["createDate"] == item["lastTrackedModifiedDateTime"]


def test_a_patch_of_the_collection_changes_what_it_names(simulator: Simulator, made: int) -> None:
    before = simulator.api("GET", f"Companies/{made}").json()["item"]

    answer = simulator.api("PATCH", "Companies", {"id": made, "phone": "1", "city": None})

    item = simulator.api("GET", f"Companies/{made}").json()["item"]
    assert answer.json() == {"itemId": made}
    assert (item["phone"], item["city"], item["companyName"]) == ("1", None, NEW["companyName"])
    assert item["lastTrackedModifiedDateTime"] > before["lastTrackedModifiedDateTime"]


def test_a_patch_of_one_address_is_a_405(simulator: Simulator, made: int) -> None:
    answer = simulator.api("PATCH", f"Companies/{made}", {"phone": "1"})

    assert answer.status_code == 405
    assert answer.json() == {"Message": "The requested resource does not support http method 'PATCH'."}


def test_a_put_makes_null_what_it_leaves_out(simulator: Simulator, made: int) -> None:
    simulator.api("PUT", "Companies", {**NEW, "id": made, "isActive": True})

    item = simulator.api("GET", f"Companies/{made}").json()["item"]
    assert item["city"] is None
    assert item["createDate"] is not None


def test_no_company_is_deleted_over_the_api(simulator: Simulator, made: int) -> None:
    assert simulator.api("DELETE", f"Companies/{made}").status_code == 405


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"ownerResourceID": None}, "Missing Required Field: ownerResourceID"),
        ({"phone": ""}, "Missing Required Field: phone"),
        ({"ownerResourceID": 5}, "Value does not reference an existing entity for ownerResourceID . "),
        ({"countryID": 9999}, "Value does not reference an existing entity for countryID . "),
        ({"companyType": 99}, "The picklist value does not exist for companyType . "),
        ({"postalCode": "12345678901"}, "The length of postalCode exceeds its maximum of 10."),
        ({"isActive": None}, "isActive must be true or false."),
        ({"companyName": 7}, "The value of companyName must be text."),
        ({"countryID": "237"}, "The value of countryID must be a number."),
    ],
)
def test_a_wrong_company_is_refused_with_what_is_wrong(
    simulator: Simulator, changed: dict[str, Any], told: str
) -> None:
    answer = simulator.api("POST", "Companies", NEW | changed)

    assert answer.status_code == 500
    assert answer.json() == {"errors": [told]}


def test_what_is_no_company_cannot_be_changed(simulator: Simulator) -> None:
    assert simulator.api("PATCH", "Companies", {"id": 77, "phone": "1"}).status_code == 500


def test_a_person_edits_and_deletes_without_the_api(simulator: Simulator, made: int) -> None:
    edited = simulator.control.patch(f"/companies/{made}", json={"companyName": "Renamed", "isActive": False})

    assert edited.json()["companyName"] == "Renamed"
    assert simulator.api("GET", f"Companies/{made}").json()["item"]["isActive"] is False
    assert simulator.control.patch(f"/companies/{made}", json={"phone": ""}).status_code == 422
    assert simulator.control.delete(f"/companies/{made}").status_code == 204
    assert simulator.api("GET", f"Companies/{made}").json() == {"item": None}


def test_a_text_is_as_long_as_its_utf_16(simulator: Simulator, made: int) -> None:
    assert simulator.api("PATCH", "Companies", {"id": made, "postalCode": "🥐" * 5}).status_code == 200
    assert simulator.api("PATCH", "Companies", {"id": made, "postalCode": "🥐" * 5 + "1"}).status_code == 500


def test_a_locked_record_is_not_changed_and_still_read(simulator: Simulator, made: int) -> None:
    simulator.fails(locked={"times": 1})

    locked = simulator.api("PATCH", "Companies", {"id": made, "city": "Lund"})

    assert (locked.status_code, "deadlock" in locked.json()["errors"][0]) == (500, True)
    assert simulator.api("GET", f"Companies/{made}").json()["item"]["city"] == "Malmö"
    assert simulator.api("PATCH", "Companies", {"id": made, "city": "Lund"}).status_code == 200


def test_a_gateway_may_give_up_after_the_change(simulator: Simulator, made: int) -> None:
    simulator.fails(status={"code": 504, "shape": "html", "applied": True, "method": "PATCH", "times": 1})

    answer = simulator.api("PATCH", "Companies", {"id": made, "city": "Lund"})

    assert answer.status_code == 504
    assert simulator.api("GET", f"Companies/{made}").json()["item"]["city"] == "Lund"
