"""Lists with the habits that clients stumble over, and records by themselves."""

from typing import Any

import pytest

Simulator = Any


@pytest.mark.parametrize("query", [{}, {"page_size": 10, "page_no": 2}, {"pageinate": "false", "page_size": 10}])
def test_without_its_word_a_list_ignores_pages_and_has_50_rows(simulator: Simulator, query: dict[str, Any]) -> None:
    answer = simulator.api("GET", "Client", includeinactive="true", **query).json()

    assert len(answer["clients"]) == 50
    assert set(answer) == {"record_count", "clients"}
    assert answer["record_count"] == 61


def test_without_pages_a_number_of_rows_can_be_asked_for(simulator: Simulator) -> None:
    assert len(simulator.rows("Client", count=60, includeinactive="true")) == 60


def test_pages_are_numbered_from_one_to_the_end(simulator: Simulator) -> None:
    asked = {"pageinate": "true", "page_size": 25, "order": "id", "includeinactive": "true"}
    answers = [simulator.api("GET", "Client", page_no=number, **asked).json() for number in (1, 2, 3, 4)]

    assert [(each["page_no"], each["page_size"], each["record_count"]) for each in answers] == [
        (number, 25, 61) for number in (1, 2, 3, 4)
    ]
    assert [len(each["clients"]) for each in answers] == [25, 25, 11, 0]
    ids = [row["id"] for each in answers for row in each["clients"]]
    assert ids == sorted(set(ids))


def test_more_rows_than_a_page_may_have_are_not_given(simulator: Simulator) -> None:
    simulator.control.put("/limits", json={"requests": 100_000, "rows": 20}).raise_for_status()

    answer = simulator.api("GET", "Site", pageinate="true", page_size=500, page_no=1).json()

    assert (answer["page_size"], len(answer["sites"])) == (20, 20)


def test_rows_come_by_name_unless_told_otherwise(simulator: Simulator) -> None:
    names = [row["name"] for row in simulator.rows("Client", count=100)]
    backwards = [row["id"] for row in simulator.rows("Client", count=100, order="id", orderdesc="true")]
    unknown = [row["name"] for row in simulator.rows("Client", count=100, order="sites")]

    assert names == sorted(names) == unknown
    assert backwards == sorted(backwards, reverse=True)


def test_the_inactive_ones_are_shown_on_demand(simulator: Simulator) -> None:
    def ids(**query: str) -> set[int]:
        return {row["id"] for row in simulator.rows("Client", count=100, **query)}

    everything, active = ids(includeinactive="true"), ids()

    assert ids(includeinactive="true", includeactive="false") == everything - active
    assert len(everything - active) == 1


def test_a_list_searches_names_and_references(simulator: Simulator) -> None:
    assert [row["id"] for row in simulator.rows("Client", search="nw-1003", count=100)] == [47]
    found = simulator.rows("Client", search="łódzka", includeinactive="true", count=100)

    assert [row["id"] for row in found] == [45, 115]


def test_a_clients_row_is_slim(simulator: Simulator) -> None:
    row = next(row for row in simulator.rows("Client", count=100) if row["id"] == 41)

    assert (row["name"], row["main_site_id"], row["ref"]) == ("Kade & Sluis Architecten", 64, "NW-1000")
    assert not [name for name in row if "phone" in name or "address" in name or "account" in name]


def test_a_client_by_itself_shows_its_main_sites_phone_and_address_where_details_are_asked_for(
    simulator: Simulator,
) -> None:
    bare = simulator.api("GET", "Client/41").json()
    whole = simulator.api("GET", "Client/41", includedetails="true").json()

    assert "main_phonenumber" not in bare
    assert whole["main_phonenumber"] == "+31 20 794 6150"
    assert whole["main_delivery_address"]["line3"] == "Amsterdam"
    assert whole["alastupdate"] == "2024-03-04T09:30:15.563"


def test_a_site_has_the_address_flattened_in_a_list_and_as_an_object_by_itself(simulator: Simulator) -> None:
    [bare] = simulator.rows("Site", client_id=41)
    [row] = simulator.rows("Site", client_id=41, includeaddress="true")
    whole = simulator.api("GET", "Site/64", includedetails="true").json()

    lines = ["Prinsengracht 8", "2e etage", "Amsterdam", "", "1017 JL"]
    assert "delivery_address_line1" not in bare
    assert [row[f"delivery_address_line{number}"] for number in range(1, 6)] == lines
    assert [whole["delivery_address"][name] for name in ("line1", "line2", "line3", "line4", "postcode")] == lines
    assert (row["country_code"], row["country_code_name"], row["phonenumber"]) == (
        "NL",
        "Netherlands",
        "+31 20 794 6150",
    )


def test_a_client_may_have_more_sites_than_its_main_one(simulator: Simulator) -> None:
    number = 41 + 2 * 7
    main = simulator.api("GET", f"Client/{number}").json()["main_site_id"]

    sites = [row["id"] for row in simulator.rows("Site", client_id=number, order="id")]

    assert (len(sites), sites[-1]) == (2, main)


def test_a_number_that_is_none_is_an_exception(simulator: Simulator) -> None:
    answer = simulator.api("GET", "Client", pageinate="true", page_no="x")

    assert (answer.status_code, answer.json()["ClassName"]) == (400, "System.Exception")


def test_a_tenant_can_have_many_clients(start: Any, tmp_path: Any) -> None:
    with start(tmp_path, accounts=3_000) as simulator:
        answer = simulator.api("GET", "Client", pageinate="true", page_size=100, page_no=2, order="id").json()

        assert answer["record_count"] > 2_900
        assert len({row["name"] for row in answer["clients"]}) == 100
