"""Creations and changes: an array always, what is given only, and what is refused in which shape."""

from typing import Any

import pytest

Simulator = Any
NEW = {
    "name": "Nyström Ø 🥐",
    "newclient_phonenumber": "+46 8 465 004 90",
    "newclient_countrycode": "SE",
    "newclient_delivery_address": {"line1": "Götgatan 1", "line3": "Malmö"},
}


@pytest.fixture
def made(simulator: Simulator) -> Any:
    number = simulator.api("POST", "Client", [NEW]).raise_for_status().json()["id"]
    yield number
    simulator.control.delete(f"/companies/{number}").raise_for_status()


def client(simulator: Simulator, number: int) -> dict[str, Any]:
    found: dict[str, Any] = simulator.api("GET", f"Client/{number}", includedetails="true").json()
    return found


def site(simulator: Simulator, number: int) -> dict[str, Any]:
    main = client(simulator, number)["main_site_id"]
    found: dict[str, Any] = simulator.api("GET", f"Site/{main}", includedetails="true").json()
    return found


def test_a_new_client_has_a_main_site_with_its_phone_and_address(simulator: Simulator, made: int) -> None:
    found = site(simulator, made)

    assert client(simulator, made)["name"] == NEW["name"]
    assert (found["phonenumber"], found["country_code_name"]) == ("+46 8 465 004 90", "Sweden")
    assert (found["delivery_address"]["line1"], found["delivery_address"]["line3"]) == ("Götgatan 1", "Malmö")


def test_a_creation_answers_201_with_the_whole_record(simulator: Simulator) -> None:
    answer = simulator.api("POST", "Client", [{"name": "One"}])

    assert answer.status_code == 201
    assert answer.json()["main_site_name"] == "Main"
    assert len(simulator.api("POST", "Client", [{"name": "Two"}, {"name": "Three"}]).json()) == 2
    for number in range(answer.json()["id"], answer.json()["id"] + 3):
        simulator.control.delete(f"/companies/{number}").raise_for_status()


def test_with_an_id_only_what_is_given_is_changed(simulator: Simulator, made: int) -> None:
    before = client(simulator, made)

    answer = simulator.api("POST", "Client", [{"id": made, "ref": "R-1", "unknown_name": 1}])

    after = client(simulator, made)
    assert answer.status_code == 201
    assert (after["ref"], after["name"]) == ("R-1", before["name"])
    assert after["alastupdate"] > before["alastupdate"]
    assert site(simulator, made)["slastupdate"] < after["alastupdate"]


def test_the_same_again_changes_nothing(simulator: Simulator, made: int) -> None:
    simulator.api("POST", "Client", [{"id": made, "ref": "R-1"}]).raise_for_status()
    before = client(simulator, made)

    simulator.api("POST", "Client", [{"id": made, "ref": "R-1"}]).raise_for_status()

    assert client(simulator, made) == before


def test_a_sites_address_is_replaced_whole_and_its_clients_stamp_stays(simulator: Simulator, made: int) -> None:
    main, stamp = site(simulator, made), client(simulator, made)["alastupdate"]

    simulator.api("POST", "Site", [{"id": main["id"], "delivery_address": {"line1": "New 1"}}]).raise_for_status()

    after = site(simulator, made)
    assert (after["delivery_address"]["line1"], after["delivery_address"]["line3"]) == ("New 1", "")
    assert after["phonenumber"] == main["phonenumber"]
    assert after["slastupdate"] > main["slastupdate"]
    assert client(simulator, made)["alastupdate"] == stamp


def test_phone_and_address_cannot_be_written_at_the_client(simulator: Simulator, made: int) -> None:
    before = site(simulator, made)

    simulator.api("POST", "Client", [{"id": made, "main_phonenumber": "1", "phonenumber": "2"}]).raise_for_status()

    assert site(simulator, made) == before


def test_null_and_empty_are_kept_as_they_came(simulator: Simulator, made: int) -> None:
    simulator.api("POST", "Client", [{"id": made, "ref": None}]).raise_for_status()
    assert client(simulator, made)["ref"] is None

    simulator.api("POST", "Client", [{"id": made, "ref": ""}]).raise_for_status()
    assert client(simulator, made)["ref"] == ""

    address = {"id": site(simulator, made)["id"], "delivery_address": None}
    simulator.api("POST", "Site", [address]).raise_for_status()
    assert site(simulator, made)["delivery_address"]["line1"] == "Götgatan 1"


@pytest.mark.parametrize("path", ["Client", "Site"])
@pytest.mark.parametrize("body", [{"id": 41}, "x", None])
def test_what_is_no_array_is_a_400(simulator: Simulator, path: str, body: Any) -> None:
    answer = simulator.control.post(
        f"/api/{path}", content=_json(body), headers={"Authorization": f"Bearer {simulator.token()}"}
    )

    assert answer.status_code == 400
    assert "array" in next(iter(answer.json().values()))[0]


def test_a_body_that_is_no_json_is_an_exception(simulator: Simulator) -> None:
    for body in (b"[{", b"\xff"):
        answer = simulator.control.post(
            "/api/Client", content=body, headers={"Authorization": f"Bearer {simulator.token()}"}
        )
        assert (answer.status_code, answer.json()["ClassName"]) == (400, "System.Exception")


@pytest.mark.parametrize(
    ("path", "given", "at"),
    [
        ("Client", {"name": "x" * 256}, "[0].name"),
        ("Client", {"name": "🥐" * 128}, "[0].name"),
        ("Client", {"name": ""}, "[0].name"),
        ("Client", {"name": None}, "[0].name"),
        ("Client", {"name": 7}, "[0].name"),
        ("Client", {"ref": "x" * 101}, "[0].ref"),
        ("Client", {"inactive": "yes"}, "[0].inactive"),
        ("Client", {"inactive": None}, "[0].inactive"),
        ("Client", {"main_site_id": 64}, "[0].main_site_id"),
        ("Site", {"phonenumber": "1" * 51}, "[0].phonenumber"),
        ("Site", {"delivery_address": {"postcode": "1" * 51}}, "[0].delivery_address.postcode"),
        ("Site", {"delivery_address": {"line1": 5}}, "[0].delivery_address.line1"),
        ("Site", {"delivery_address": "x"}, "[0].delivery_address"),
    ],
)
def test_a_wrong_value_is_refused_by_its_path(
    simulator: Simulator, made: int, path: str, given: dict[str, Any], at: str
) -> None:
    number = made if path == "Client" else site(simulator, made)["id"]
    before = client(simulator, made), site(simulator, made)

    answer = simulator.api("POST", path, [{"id": number, **given}])

    assert answer.status_code == 400
    assert list(answer.json()) == [at]
    assert (client(simulator, made), site(simulator, made)) == before


def test_of_an_array_all_is_done_or_nothing(simulator: Simulator, made: int) -> None:
    answer = simulator.api("POST", "Client", [{"id": made, "ref": "X"}, {"id": made, "name": ""}, 7])

    assert list(answer.json()) == ["[1].name", "[2]"]
    assert client(simulator, made)["ref"] == ""


def test_what_is_not_there_cannot_be_changed(simulator: Simulator) -> None:
    assert simulator.api("POST", "Client", [{"id": 77_000, "ref": "X"}]).status_code == 400
    assert simulator.api("POST", "Client", [{"id": "41"}]).status_code == 400
    assert simulator.api("POST", "Site", [{"name": "X", "client_id": 77_000}]).status_code == 400
    assert simulator.api("POST", "Client", [{"ref": "no name"}]).status_code == 400


def test_a_further_site_can_become_the_main_one(simulator: Simulator, made: int) -> None:
    added = simulator.api("POST", "Site", [{"name": "Dock", "client_id": made, "phonenumber": "7"}]).json()

    simulator.api("POST", "Client", [{"id": made, "main_site_id": added["id"]}]).raise_for_status()

    assert client(simulator, made)["main_phonenumber"] == "7"


def test_an_id_is_never_used_again(simulator: Simulator) -> None:
    first = simulator.api("POST", "Client", [{"name": "One"}]).json()
    simulator.control.delete(f"/companies/{first['id']}").raise_for_status()
    second = simulator.api("POST", "Client", [{"name": "Two"}]).json()
    simulator.control.delete(f"/companies/{second['id']}").raise_for_status()

    assert second["id"] > first["id"]
    assert second["main_site_id"] > first["main_site_id"]


def test_a_person_edits_a_client_and_its_main_site_as_one(simulator: Simulator, made: int) -> None:
    edited = simulator.control.patch(f"/companies/{made}", json={"name": "Renamed", "line3": None, "phonenumber": "9"})

    assert (edited.json()["name"], edited.json()["line1"], edited.json()["line3"]) == ("Renamed", "Götgatan 1", None)
    assert client(simulator, made)["main_phonenumber"] == "9"
    assert simulator.control.patch(f"/companies/{made}", json={"name": ""}).status_code == 422
    assert simulator.control.get(f"/companies/{made}").json() == edited.json()
    assert simulator.control.post("/companies", json={"ref": "no name"}).status_code == 422


def test_a_client_that_is_deleted_takes_its_sites_along(simulator: Simulator) -> None:
    number = simulator.control.post("/companies", json={"name": "Gone", "line1": "X"}).json()["id"]
    main = site(simulator, number)["id"]

    simulator.control.delete(f"/companies/{number}").raise_for_status()

    assert simulator.api("GET", f"Client/{number}").status_code == 404
    assert simulator.api("GET", f"Site/{main}").status_code == 404
    assert simulator.control.get(f"/companies/{number}").status_code == 404


def _json(body: Any) -> bytes:
    return {"x": b'"x"'}.get(body, b"null") if not isinstance(body, dict) else b'{"id": 41}'
