"""Whatever a storm harms is found: each kind of harm is done once."""

import copy
from typing import Any

import pytest

from tests.component.both_sides import Linked
from tests.component.unharmed import Picture, harm
from tests.providers import PROVIDERS

AUTOTASK = PROVIDERS[0]
CUSTOMER = {"company_name": "Wattle", "contact_number": None, "company_address": None, "reference": None, "version": 1}
COMPANY = {"companyName": "Wattle", "phone": "", "city": "Perth", "ownerResourceID": 7, "lastActivityDate": "then"}
LINKED = [Linked("c1", "1"), Linked("c2", "2")]
EDITED = {("c2", "company_name")}


def a_picture() -> dict[str, dict[str, Any]]:
    return {"here": dict.fromkeys(("c1", "c2"), CUSTOMER), "there": dict.fromkeys(("1", "2", "3"), COMPANY)}


def found(side: str, id: str, **changes: Any) -> list[str]:
    after = copy.deepcopy(a_picture())
    after[side][id] = {**after[side].get(id, {}), **changes}
    return list(harm(AUTOTASK, LINKED, EDITED, Picture(**a_picture()), Picture(**after)))


@pytest.mark.parametrize(
    ("side", "id", "changes"),
    [
        pytest.param("there", "4", COMPANY, id="an-account-is-doubled"),
        pytest.param("here", "c3", CUSTOMER, id="a-customer-is-doubled"),
        pytest.param("here", "c1", {"company_name": "Tide"}, id="a-name-here-that-nobody-edited"),
        pytest.param("here", "c1", {"version": 2}, id="a-version-of-what-nobody-edited"),
        pytest.param("here", "c2", {"contact_number": "+61895550142"}, id="a-number-beside-an-edited-name"),
        pytest.param("here", "c2", {"email": "ap@wattle.example"}, id="an-address-for-mails"),
        pytest.param("there", "1", {"companyName": "Tide"}, id="a-name-there-that-nobody-edited"),
        pytest.param("there", "1", {"lastActivityDate": "now"}, id="a-write-of-what-stood-there"),
        pytest.param("there", "2", {"city": "Sydney"}, id="a-city-beside-an-edited-name"),
        pytest.param("there", "2", {"ownerResourceID": 8}, id="a-field-that-is-not-kept-in-step"),
        pytest.param("there", "3", {"companyName": "Tide"}, id="an-account-that-is-linked-with-nobody"),
    ],
)
def test_what_nobody_edited_and_changed_all_the_same_is_named(side: str, id: str, changes: dict[str, Any]) -> None:
    assert len(found(side, id, **changes)) == 1


@pytest.mark.parametrize(("side", "id"), [("here", "c1"), ("there", "3")])
def test_what_is_gone_is_named(side: str, id: str) -> None:
    after = a_picture()
    del after[side][id]

    assert len(list(harm(AUTOTASK, LINKED, EDITED, Picture(**a_picture()), Picture(**after)))) == 1


def test_what_was_edited_may_change_on_both_sides() -> None:
    assert found("here", "c2", company_name="Tide", version=5) == []
    assert found("there", "2", companyName="Tide", lastActivityDate="now") == []
