"""Lists in pages of both kinds, and conditions in their language."""

from typing import Any

import pytest

Simulator = Any
FORWARD = {"pagination-type": "forward-only"}


def test_pages_have_25_records_unless_told_and_a_thousand_at_most(simulator: Simulator) -> None:
    assert len(simulator.api("GET", "company/companies").json()) == 25
    assert simulator.api("GET", "company/companies", pageSize=1000).status_code == 200
    assert simulator.api("GET", "company/companies", pageSize=1001).status_code == 400
    assert simulator.api("GET", "company/companies", pageSize=0).status_code == 400
    assert simulator.api("GET", "company/companies", pageSize="x").status_code == 400


def test_numbered_pages_link_to_each_other(simulator: Simulator) -> None:
    first = simulator.api("GET", "company/companies", pageSize=20, orderBy="id asc")
    second = simulator.api("GET", first.links["next"]["url"])
    last = simulator.api("GET", first.links["last"]["url"])

    assert set(first.links) == {"next", "last"}
    assert set(second.links) == {"next", "last", "first", "prev"}
    assert set(last.links) == {"first", "prev"}
    ids = [row["id"] for page in (first, second, last) for row in page.json()]
    assert len(ids) == 41
    assert ids == sorted(set(ids))


def test_pages_that_only_go_on_name_no_page_but_an_id(simulator: Simulator) -> None:
    page = simulator.api("GET", "company/companies", pageSize=20, headers=FORWARD)
    ids = [row["id"] for row in page.json()]
    while "next" in page.links:
        assert set(page.links) == {"next"}
        assert f"pageId={ids[-1]}" in page.links["next"]["url"]
        page = simulator.api("GET", page.links["next"]["url"], headers=FORWARD)
        ids += [row["id"] for row in page.json()]

    assert "link" not in page.headers
    assert len(ids) == len(set(ids)) == 41


def test_the_order_is_as_asked_for(simulator: Simulator) -> None:
    names = [row["name"] for row in simulator.companies(orderBy="name desc")]

    assert names == sorted(names, reverse=True)


@pytest.mark.parametrize(
    ("conditions", "ids"),
    [
        ("id=19300", [19300]),
        ("id>19300 and id<=19306", [19303, 19306]),
        ("id in (19300,19306)", [19300, 19306]),
        ("name='o\"x'", []),
        ('name="O\'Connor & Daughters Solicitors"', [19324]),
        ('name like "kade*" and id<19400', [19300]),
        ('name contains "sluis" and id<19400', [19300]),
        ("lastUpdated<[2024-03-04T10:00:00Z]", [2, 19300]),
        ("lastUpdated<[2024-03-04T10:00:00]", [2, 19300]),
        ("(id=19300 or id=19303) and not id=19300", [19303]),
        ("status/id not in (1)", [19402]),
        ("faxNumber=null and id=19300", [19300]),
        ("deletedFlag=true", []),
        ("id=19300 and country/id=15", [19300]),
    ],
)
def test_conditions_choose(simulator: Simulator, conditions: str, ids: list[int]) -> None:
    assert [row["id"] for row in simulator.companies(conditions)] == ids
    count = simulator.api("GET", "company/companies/count", conditions=conditions).json()
    assert count == {"count": len(ids)}


@pytest.mark.parametrize(
    "conditions",
    [
        "id=",
        "id",
        "nothing=1",
        "(id=1",
        "id=1 id=2",
        "id ~ 1",
        "deletedFlag=1",
        "id='x'",
        "lastUpdated>'2024-03-04'",
        "lastUpdated>[yesterday]",
        "name='O'Brien'",
        "id in 1",
        "name like 1",
    ],
)
def test_wrong_conditions_are_a_400_that_says_why(simulator: Simulator, conditions: str) -> None:
    answer = simulator.api("GET", "company/companies", conditions=conditions)

    assert answer.status_code == 400
    assert answer.json()["message"]


def test_a_value_of_another_kind_is_told_in_the_apis_words(simulator: Simulator) -> None:
    text = simulator.api("GET", "company/companies", conditions="deletedFlag=0").json()["message"]

    assert text.startswith("Expected a boolean value, not a numeric.")
    assert "DateTime values should be enclosed in square brackets" in text


def test_conditions_that_are_too_long_for_an_address_are_posted(simulator: Simulator) -> None:
    answer = simulator.api("POST", "company/companies/search", {"conditions": "id=19300"}, pageSize=5)

    assert [row["id"] for row in answer.json()] == [19300]


def test_a_company_has_references_with_names_and_no_e_mail_address(simulator: Simulator) -> None:
    found = simulator.api("GET", "company/companies/19300").json()

    assert found["status"]["name"] == "Active"
    assert (found["country"]["name"], found["country"]["identifier"]) == ("Netherlands", "NL")
    assert found["_info"]["lastUpdated"] == "2024-03-04T09:30:15Z"
    assert "@" not in simulator.api("GET", "company/companies", pageSize=1000).text


def test_only_the_fields_that_are_asked_for(simulator: Simulator) -> None:
    assert simulator.companies("id=19300", fields="id,name") == [{"id": 19300, "name": "Kade & Sluis Architecten"}]


def test_what_is_not_there_is_a_404_with_a_code(simulator: Simulator) -> None:
    missing = simulator.api("GET", "company/companies/77")

    assert (missing.status_code, missing.json()["code"]) == (404, "NotFound")
    assert simulator.api("GET", "company/nothing").status_code == 404
    assert simulator.api("DELETE", "company/companies/19300").status_code == 405
