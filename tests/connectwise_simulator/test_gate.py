"""The company's address, credentials and faults, as a client meets them."""

from typing import Any

import httpx
import pytest

from embedded.connectwise.credentials import COMPANY, PRIVATE_KEY, PUBLIC_KEY

Simulator = Any


def test_the_codebase_is_told_without_credentials_and_null_for_a_company_that_there_is_not(
    simulator: Simulator,
) -> None:
    told = simulator.control.get(f"/login/companyinfo/{COMPANY}").json()
    unknown = simulator.control.get("/login/companyinfo/nobody")

    assert (told["Codebase"], told["CompanyID"]) == ("v2025_1/", COMPANY)
    assert (unknown.status_code, unknown.json()) == (200, None)


@pytest.mark.parametrize(
    "given",
    [
        {"auth": (f"{COMPANY}+{PUBLIC_KEY}", "wrong")},
        {"auth": (f"other+{PUBLIC_KEY}", PRIVATE_KEY)},
        {"auth": (PUBLIC_KEY, PRIVATE_KEY)},
        {"headers": {"clientId": "wrong"}},
        {"headers": {"clientId": ""}},
    ],
)
def test_each_credential_is_needed_and_must_be_right(simulator: Simulator, given: Any) -> None:
    answer = simulator.api("GET", "company/companies", **given)

    assert (answer.status_code, answer.json()["code"]) == (401, "Unauthorized")
    assert simulator.api("GET", "company/companies").status_code == 200


def test_after_an_upgrade_the_old_address_is_a_page_with_404(simulator: Simulator) -> None:
    simulator.control.put("/codebase", json={"codebase": "v2025_2"}).raise_for_status()

    answer = simulator.api("GET", "company/companies")

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert simulator.control.get(f"/login/companyinfo/{COMPANY}").json()["Codebase"] == "v2025_2/"
    assert simulator.control.put("/codebase", json={"codebase": "../x"}).status_code == 422


def test_faults_strike_as_often_and_where_they_are_told(simulator: Simulator) -> None:
    simulator.fails(status={"code": 429, "retry_after": "7", "endpoint": "companies", "times": 1})

    assert simulator.api("GET", "company/companies/statuses").status_code == 200
    refused = simulator.api("GET", "company/companies/19300")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "7")
    assert simulator.api("GET", "company/companies/19300").status_code == 200
    assert simulator.control.put("/faults", json={"brokn": {}}).status_code == 422
    assert simulator.control.put("/faults", json={"zone": {"url": "http://x.example"}}).status_code == 422


def test_a_next_page_elsewhere_is_told_on_demand(simulator: Simulator) -> None:
    simulator.fails(broken={"kind": "other_link", "link": "http://other.example/"})

    assert simulator.api("GET", "company/companies").links["next"]["url"] == "http://other.example/"


def test_a_connection_is_cut_after_the_work_was_done(simulator: Simulator) -> None:
    simulator.fails(reset={"when": "after_commit", "method": "PATCH", "times": 1})
    operation = {"op": "replace", "path": "city", "value": "Ærøskøbing"}

    with pytest.raises(httpx.RemoteProtocolError):
        simulator.api("PATCH", "company/companies/19303", [operation])

    assert simulator.api("GET", "company/companies/19303").json()["city"] == "Ærøskøbing"


def test_calls_are_told_without_their_credentials(simulator: Simulator) -> None:
    simulator.api("GET", "company/companies/19300")

    answer = simulator.control.get("/calls", params={"endpoint": "companies"})

    [call] = answer.json()
    assert (call["method"], call["codebase"], call["status"]) == ("GET", "v2025_1", 200)
    assert call["credentials"] == ["Authorization", "clientId"]
    assert PRIVATE_KEY not in answer.text
    assert "Basic" not in answer.text


def test_what_was_confirmed_survives_sigkill_and_so_does_the_codebase(start: Any, tmp_path: Any) -> None:
    with start(tmp_path) as simulator:
        simulator.api("PATCH", "company/companies/19300", [{"op": "replace", "path": "name", "value": "Gdańsk Ø"}])
        simulator.control.delete("/companies/19303").raise_for_status()
        simulator.control.put("/codebase", json={"codebase": "v2025_2"}).raise_for_status()
        simulator.process.kill()
        simulator.process.wait(10)

    with start(tmp_path) as simulator:
        found = simulator.control.get("/companies").json()
        assert simulator.control.get("/healthz").json()["codebase"] == "v2025_2"
        assert (found[1]["id"], found[1]["name"]) == (19300, "Gdańsk Ø")
        assert 19303 not in [row["id"] for row in found]
        assert len(found) == 40
