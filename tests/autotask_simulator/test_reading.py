"""Queries, pages and single records, with the habits of the API that clients stumble over."""

from typing import Any

import pytest

from embedded.autotask.credentials import INTEGRATION_CODE, SECRET, USERNAME

Simulator = Any


def names(answer: Any) -> list[str]:
    return [item["companyName"] for item in answer.json()["items"]]


def test_pages_follow_each_other_in_the_order_of_ids_to_the_end(simulator: Simulator) -> None:
    body = {"MaxRecords": 15, "IncludeFields": ["id"], "filter": [{"op": "gte", "field": "id", "value": 0}]}
    answer, found = simulator.api("POST", "Companies/query", body).json(), []

    while True:
        found += [item["id"] for item in answer["items"]]
        link = answer["pageDetails"]["nextPageUrl"]
        if link is None:
            break
        answer = simulator.control.post(link, json=body, headers=_headers()).json()

    assert found[0] == 0
    assert found == sorted(set(found))
    assert len(found) >= 41


def test_the_link_of_a_post_cannot_be_got(simulator: Simulator) -> None:
    link = simulator.query(MaxRecords=1).json()["pageDetails"]["nextPageUrl"]

    answer = simulator.control.get(link, headers=_headers())

    assert answer.status_code == 405
    assert answer.json() == {"Message": "The requested resource does not support http method 'GET'."}


def test_the_link_of_a_post_needs_its_body(simulator: Simulator) -> None:
    link = simulator.query(MaxRecords=1).json()["pageDetails"]["nextPageUrl"]

    answer = simulator.control.post(link, json={"filter": []}, headers=_headers())

    assert answer.status_code == 500
    assert "errors" in answer.json()


def test_a_get_query_has_links_for_get(simulator: Simulator) -> None:
    search = '{"MaxRecords": 2, "filter": [{"op": "gte", "field": "id", "value": 0}]}'
    first = simulator.control.get(
        "/webservices14/atservicesrest/v1.0/companies/query", params={"search": search}, headers=_headers()
    ).json()

    second = simulator.control.get(first["pageDetails"]["nextPageUrl"], headers=_headers()).json()

    assert second["items"][0]["id"] > first["items"][-1]["id"]


@pytest.mark.parametrize("size", [0, 501, "many"])
def test_a_page_has_1_to_500_records(simulator: Simulator, size: object) -> None:
    answer = simulator.query(MaxRecords=size)

    assert answer.status_code == 500
    assert answer.json() == {"errors": ["maxCountOfRecordsToReturn must be between 1 and 500"]}


def test_more_than_one_page_needs_the_id_among_its_fields(simulator: Simulator) -> None:
    assert simulator.query(MaxRecords=1, IncludeFields=["phone"]).status_code == 500


def test_filters_take_names_in_any_case_and_groups(simulator: Simulator) -> None:
    either = {
        "op": "OR",
        "items": [
            {"op": "contains", "field": "COMPANYNAME", "value": "łódzka"},
            {"op": "eq", "field": "city", "value": "wien"},
        ],
    }

    found = names(simulator.query(either, includeFields=["ID", "companyname"]))

    assert found[:2] == ["Łódzka Drukarnia Ślężańska", "Weingut Höllerer"]


@pytest.mark.parametrize(
    ("term", "count"),
    [
        ({"op": "eq", "field": "isActive", "value": False}, 1),
        ({"op": "in", "field": "id", "value": [0, 29683600, 1]}, 2),
        ({"op": "beginsWith", "field": "companyName", "value": "Northwind"}, 1),
        ({"op": "lt", "field": "createDate", "value": "2024-03-04T11:00:00Z"}, 3),
        ({"op": "notExist", "field": "webAddress"}, 41),
    ],
)
def test_operators_compare_by_the_kind_of_the_field(simulator: Simulator, term: dict[str, Any], count: int) -> None:
    answer = simulator.api("POST", "Companies/query/count", {"filter": [term]})

    assert answer.json() == {"queryCount": count}


@pytest.mark.parametrize(
    "term",
    [
        {"op": "near", "field": "id", "value": 1},
        {"op": "eq", "field": "nothing", "value": 1},
        {"op": "eq", "field": "id", "value": "x"},
        {"op": "or", "items": []},
        {"op": "or", "items": [{"op": "eq", "field": "id", "value": 1}] * 501},
    ],
)
def test_a_wrong_filter_is_a_500_with_errors(simulator: Simulator, term: dict[str, Any]) -> None:
    answer = simulator.query(term)

    assert answer.status_code == 500
    assert isinstance(answer.json()["errors"][0], str)


def test_one_company_by_its_id_zero_too_and_null_for_what_is_not_there(simulator: Simulator) -> None:
    assert simulator.api("GET", "Companies/0").json()["item"]["companyName"] == "Northwind Managed IT"
    missing = simulator.api("GET", "Companies/77")
    assert (missing.status_code, missing.json()) == (200, {"item": None})


def test_picklist_values_are_strings_in_the_metadata_and_numbers_in_the_entity(simulator: Simulator) -> None:
    fields = simulator.api("GET", "Companies/entityInformation/fields").json()["fields"]
    kinds = next(field for field in fields if field["name"] == "companyType")

    assert kinds["picklistValues"][0]["value"] == "1"
    assert simulator.api("GET", "Companies/29683600").json()["item"]["companyType"] == 1


def test_countries_have_ids_of_their_own(simulator: Simulator) -> None:
    found = simulator.query({"op": "eq", "field": "countryCode", "value": "us"}, entity="Countries").json()["items"]

    assert [(country["id"], country["displayName"]) for country in found] == [(237, "United States")]


def test_no_sample_company_has_an_e_mail_address(simulator: Simulator) -> None:
    assert "@" not in simulator.query().text


def test_an_unknown_address_is_a_404_with_a_message(simulator: Simulator) -> None:
    answer = simulator.api("GET", "Nothing/query")

    assert answer.status_code == 404
    assert "Message" in answer.json()


def _headers() -> dict[str, str]:
    return {"UserName": USERNAME, "Secret": SECRET, "ApiIntegrationCode": INTEGRATION_CODE}
