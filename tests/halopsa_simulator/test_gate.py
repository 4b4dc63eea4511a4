"""Where tokens are given, tokens, rights, the limit and faults, as a client meets them."""

from typing import Any

import httpx
import pytest

from embedded.halopsa.credentials import CLIENT_ID, CLIENT_SECRET, TENANT

Simulator = Any


def test_the_place_of_tokens_is_told_without_credentials(simulator: Simulator) -> None:
    told = simulator.control.get("/api/authinfo").json()

    assert (told["auth_url"], told["tenant_id"]) == (str(simulator.control.base_url).rstrip("/") + "/auth", TENANT)


def test_a_token_is_given_for_the_credentials_in_a_form(simulator: Simulator) -> None:
    told = simulator.login(scope="read:customers edit:customers").json()

    assert (told["token_type"], told["expires_in"]) == ("Bearer", 3600)
    assert told["scope"] == "edit:customers read:customers"
    assert simulator.api("GET", "Client/41", token=told["access_token"]).status_code == 200


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"client_id": "somebody-else"}, "invalid_client"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_secret": ""}, "invalid_client"),
        ({"tenant": "other"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"scope": "everything"}, "invalid_scope"),
    ],
)
def test_wrong_credentials_are_refused_in_a_word_of_oauths(
    simulator: Simulator, given: dict[str, str], error: str
) -> None:
    answer = simulator.login(**given)

    assert (answer.status_code, answer.json()) == (400, {"error": error})


@pytest.mark.parametrize("token", ["", "invented"])
def test_without_a_token_there_is_nothing(simulator: Simulator, token: str) -> None:
    answer = simulator.api("GET", "Client", token=token)

    assert answer.status_code == 401
    assert "Message" in answer.json()


def test_a_token_ends_with_its_time_and_when_it_is_revoked(simulator: Simulator) -> None:
    simulator.control.put("/tokens", json={"lives_s": 0, "told_s": 3600}).raise_for_status()
    ended = simulator.login().json()
    assert ended["expires_in"] == 3600
    assert simulator.api("GET", "Client", token=ended["access_token"]).status_code == 401

    simulator.control.put("/tokens", json={}).raise_for_status()
    revoked = simulator.token()
    assert simulator.api("GET", "Client", token=revoked).status_code == 200
    simulator.control.delete("/tokens").raise_for_status()
    assert simulator.api("GET", "Client", token=revoked).status_code == 401


def test_what_the_application_may_do_its_scopes_say(simulator: Simulator) -> None:
    reads, other = simulator.token(scope="read:customers"), simulator.token(scope="read:invoices")

    assert simulator.api("GET", "Client/41", token=reads).status_code == 200
    for refused in (
        simulator.api("POST", "Client", [{"id": 41, "ref": "X"}], token=reads),
        simulator.api("GET", "Client", token=other),
        simulator.api("GET", "Site/64", token=other),
    ):
        assert (refused.status_code, refused.json()["resultCode"]) == (403, 403)


def test_an_agent_without_rights_sees_empty_lists_and_no_error(simulator: Simulator) -> None:
    simulator.control.put("/agent", json={"sees": False}).raise_for_status()

    for path in ("Client", "Site"):
        answer = simulator.api("GET", path, pageinate="true", page_no=1)
        assert (answer.status_code, answer.json()["record_count"]) == (200, 0)
    assert simulator.api("GET", "Client/41").status_code == 403
    assert simulator.api("POST", "Client", [{"id": 41, "ref": "X"}]).status_code == 403


def test_the_limit_is_told_in_text_and_names_no_time_for_tokens_as_well(simulator: Simulator) -> None:
    token = simulator.token()
    used = simulator.control.get("/limits").json()["used"]
    simulator.control.put("/limits", json={"requests": used + 1}).raise_for_status()

    assert simulator.api("GET", "Client/41", token=token).status_code == 200
    for refused in (
        simulator.api("GET", "Client/41", token=token),
        simulator.login(),
        simulator.control.get("/api/authinfo"),
    ):
        assert refused.status_code == 429
        assert refused.text == f"Rate Limit Reached - {used + 1} Requests per rolling 5 minute window"
        assert "retry-after" not in refused.headers
    assert simulator.control.get("/limits").json()["used"] == used + 1


def test_five_minutes_begin_with_300_requests(start: Any, tmp_path: Any) -> None:
    with start(tmp_path, accounts=0) as simulator:
        assert simulator.control.get("/limits").json() == {"requests": 300, "rows": 100, "used": 0}


def test_faults_strike_as_often_and_where_they_are_told(simulator: Simulator) -> None:
    token = simulator.token()
    simulator.fails(status={"code": 500, "endpoint": "Site", "times": 1})

    assert simulator.api("GET", "Client/41", token=token).status_code == 200
    refused = simulator.api("GET", "site/64", token=token)
    assert (refused.status_code, refused.json()["ClassName"]) == (500, "System.Exception")
    assert simulator.api("GET", "Site/64", token=token).status_code == 200
    assert simulator.control.put("/faults", json={"brokn": {}}).status_code == 422


def test_answers_are_spoilt_on_demand(simulator: Simulator) -> None:
    simulator.fails(broken={"kind": "truncated", "endpoint": "Client"})
    with pytest.raises(ValueError, match="line 1"):
        simulator.api("GET", "Client/41").json()

    simulator.fails(broken={"kind": "html", "endpoint": "Client"})
    assert simulator.api("GET", "Client/41").headers["content-type"].startswith("text/html")

    simulator.fails(broken={"kind": "other_link", "link": "http://other.example/auth"})
    assert simulator.control.get("/api/authinfo").json()["auth_url"] == "http://other.example/auth"
    assert "auth_url" not in simulator.api("GET", "Client/41").json()


@pytest.mark.parametrize(("when", "name"), [("after_commit", "Ærøskøbing Ø"), ("before", "Łódzka Drukarnia Ślężańska")])
def test_a_connection_is_cut_after_the_work_was_done_or_before(simulator: Simulator, when: str, name: str) -> None:
    token = simulator.token()
    simulator.fails(reset={"when": when, "method": "POST", "times": 1})

    with pytest.raises(httpx.RemoteProtocolError):
        simulator.api("POST", "Client", [{"id": 45, "name": "Ærøskøbing Ø"}], token=token)

    assert simulator.api("GET", "Client/45", token=token).json()["name"] == name
    simulator.control.patch("/companies/45", json={"name": "Łódzka Drukarnia Ślężańska"}).raise_for_status()


def test_a_change_finds_its_record_locked_and_a_reading_call_does_not(simulator: Simulator) -> None:
    simulator.fails(locked={"times": 1})

    assert simulator.api("GET", "Client/41").status_code == 200
    refused = simulator.api("POST", "Client", [{"id": 41, "ref": "NW-7"}])
    assert (refused.status_code, "deadlock" in refused.json()["Message"]) == (500, True)
    assert simulator.api("GET", "Client/41").json()["ref"] == "NW-1000"


def test_a_gateway_may_give_up_after_the_work_was_done(simulator: Simulator) -> None:
    simulator.fails(status={"code": 504, "shape": "html", "applied": True, "method": "POST", "endpoint": "Site"})

    assert simulator.api("POST", "Site", [{"id": 67, "phonenumber": "7"}]).status_code == 504
    assert simulator.api("GET", "Site/67").json()["phonenumber"] == "7"
    simulator.control.patch("/companies/43", json={"phonenumber": "+45 33 10 00 01"}).raise_for_status()


def test_calls_are_told_without_their_credentials(simulator: Simulator) -> None:
    simulator.api("GET", "Client", search="kade")

    answer = simulator.control.get("/calls")

    login, call = answer.json()
    assert (login["endpoint"], login["credentials"]) == ("token", ["client_id", "client_secret"])
    assert (call["endpoint"], call["credentials"], call["status"]) == ("Client", ["Authorization"], 200)
    assert call["query"] == {"search": "kade"}
    for secret in (CLIENT_SECRET, CLIENT_ID, "Bearer"):
        assert secret not in answer.text


def test_what_is_not_there_is_a_404_and_a_wrong_verb_a_405(simulator: Simulator) -> None:
    for path in ("Client/77000", "Site/77000"):
        assert simulator.api("GET", path).status_code == 404
        assert simulator.api("GET", path).json()["resultCode"] == 404
    for path in ("Client/x", "Nothing", "Client/41/more"):
        assert simulator.api("GET", path).status_code == 404
        assert "No HTTP resource" in simulator.api("GET", path).json()["Message"]
    assert simulator.api("PATCH", "Client").status_code == 405
    assert simulator.api("POST", "Client/41", []).status_code == 405
    assert simulator.control.get("/auth/token").status_code == 405


def test_what_was_confirmed_survives_sigkill_and_no_token_does(start: Any, tmp_path: Any) -> None:
    with start(tmp_path) as simulator:
        token = simulator.token()
        simulator.api("POST", "Client", [{"id": 41, "name": "Gdańsk Ø"}], token=token).raise_for_status()
        simulator.api("POST", "Site", [{"id": 64, "phonenumber": "1"}], token=token).raise_for_status()
        simulator.control.delete("/companies/43").raise_for_status()
        simulator.process.kill()
        simulator.process.wait(10)

    with start(tmp_path) as simulator:
        found = simulator.control.get("/companies").json()
        assert simulator.api("GET", "Client", token=token).status_code == 401
        assert (found[1]["id"], found[1]["name"], found[1]["phonenumber"]) == (41, "Gdańsk Ø", "1")
        assert 43 not in [row["id"] for row in found]
        assert len(found) == 60
