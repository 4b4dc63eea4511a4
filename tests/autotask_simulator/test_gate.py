"""Zones, credentials, limits and faults, as a client meets them."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from embedded.autotask.credentials import INTEGRATION_CODE, SECRET, USERNAME

Simulator = Any
RIGHT = {"UserName": USERNAME, "Secret": SECRET, "ApiIntegrationCode": INTEGRATION_CODE}


def zone(simulator: Simulator, user: str) -> httpx.Response:
    answer: httpx.Response = simulator.control.get("/atservicesrest/v1.0/zoneInformation", params={"user": user})
    return answer


def test_the_zone_is_told_without_credentials(simulator: Simulator) -> None:
    told = zone(simulator, USERNAME).json()

    assert set(told) == {"zoneName", "url", "webUrl", "ci"}
    assert told["url"].endswith("/webservices14/ATServicesRest/")


@pytest.mark.parametrize("user", ["", "nobody@nowhere.example"])
def test_the_zone_of_an_unknown_user_is_a_500(simulator: Simulator, user: str) -> None:
    answer = zone(simulator, user)

    assert answer.status_code == 500
    assert "errors" in answer.json()


@pytest.mark.parametrize("missing", list(RIGHT))
def test_each_header_is_needed_and_must_be_right(simulator: Simulator, missing: str) -> None:
    without = {name: value for name, value in RIGHT.items() if name != missing}

    assert simulator.api("GET", "Companies/0", **without).status_code == 401
    assert simulator.api("GET", "Companies/0", **{**without, missing: "wrong"}).status_code == 401
    assert simulator.api("GET", "Companies/0", **RIGHT).status_code == 200


def test_a_tenant_that_moved_is_not_known_where_it_was(simulator: Simulator) -> None:
    simulator.control.put("/zone", json={"zone": "webservices15"}).raise_for_status()

    assert simulator.api("GET", "Companies/0").status_code == 401
    assert zone(simulator, USERNAME).json()["zoneName"] == "webservices15"


def test_the_fourth_request_at_a_time_is_refused(simulator: Simulator) -> None:
    simulator.control.delete("/calls").raise_for_status()
    simulator.fails(slow={"s": 600, "at": "work", "endpoint": "Companies", "times": 3})
    url = simulator.control.base_url.join("/webservices14/ATServicesRest/V1.0/Companies/0")

    with ThreadPoolExecutor(3) as pool:
        held = [pool.submit(httpx.get, url, headers=RIGHT, trust_env=False, timeout=60) for _ in range(3)]
        _wait_for_calls(simulator, 3)
        refused = simulator.api("GET", "Companies/0")
        other = simulator.api("GET", "Countries/13")
        simulator.control.delete("/faults")

    assert refused.status_code == 429
    assert "thread threshold of 3 threads has been exceeded" in refused.json()["errors"][0]
    assert other.status_code == 200
    assert [call.result().status_code for call in held] == [200, 200, 200]
    assert simulator.api("GET", "Companies/0").status_code == 200


def test_the_hours_requests_come_to_an_end_and_are_told(simulator: Simulator) -> None:
    simulator.control.put("/limits", json={"slower": False}).raise_for_status()
    used = simulator.api("GET", "ThresholdInformation").json()["currentTimeframeRequestCount"]
    again = simulator.api("GET", "ThresholdInformation").json()
    assert again == {
        "externalRequestThreshold": 10_000,
        "requestThresholdTimeframe": 60,
        "currentTimeframeRequestCount": used + 1,
    }

    simulator.control.put("/limits", json={"requests": used + 2, "slower": False}).raise_for_status()

    assert simulator.api("GET", "Companies/0").status_code == 200
    assert simulator.api("GET", "Companies/0").status_code == 429


def test_faults_strike_as_often_and_where_they_are_told(simulator: Simulator) -> None:
    simulator.fails(status={"code": 429, "retry_after": "7", "endpoint": "Companies", "times": 1})

    assert simulator.api("GET", "Countries/13").status_code == 200
    refused = simulator.api("GET", "Companies/0")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "7")
    assert simulator.api("GET", "Companies/0").status_code == 200


def test_answers_are_spoilt_on_demand(simulator: Simulator) -> None:
    simulator.fails(broken={"kind": "html"})
    assert simulator.api("GET", "Companies/0").headers["content-type"].startswith("text/html")

    simulator.fails(broken={"kind": "truncated"})
    with pytest.raises(ValueError, match="line 1"):
        simulator.api("GET", "Companies/0").json()

    simulator.fails(broken={"kind": "other_link", "link": "http://other.example/"})
    assert simulator.query().json()["pageDetails"]["nextPageUrl"] == "http://other.example/"

    simulator.fails(zone={"url": "http://other.example/ATServicesRest/"})
    assert zone(simulator, USERNAME).json()["url"].startswith("http://other.example")

    assert simulator.control.put("/faults", json={"brokn": {}}).status_code == 422


def test_a_connection_is_cut_after_the_work_was_done(simulator: Simulator) -> None:
    simulator.fails(reset={"when": "after_commit", "method": "PATCH", "times": 1})

    with pytest.raises(httpx.RemoteProtocolError):
        simulator.api("PATCH", "Companies", {"id": 29683607, "city": "Ærøskøbing"})

    assert simulator.api("GET", "Companies/29683607").json()["item"]["city"] == "Ærøskøbing"


def test_a_connection_is_cut_before_anything_was_done(simulator: Simulator) -> None:
    simulator.fails(reset={"when": "before", "method": "PATCH", "times": 1})

    with pytest.raises(httpx.RemoteProtocolError):
        simulator.api("PATCH", "Companies", {"id": 29683614, "city": "Gdynia"})

    assert simulator.api("GET", "Companies/29683614").json()["item"]["city"] == "Łódź"


def test_calls_are_told_without_their_credentials(simulator: Simulator) -> None:
    simulator.control.delete("/calls").raise_for_status()
    simulator.api("GET", "Companies/0")
    simulator.api("GET", "Countries/13")

    answer = simulator.control.get("/calls", params={"endpoint": "companies"})

    [call] = answer.json()
    assert (call["method"], call["zone"], call["status"]) == ("GET", "webservices14", 200)
    assert call["credentials"] == list(RIGHT)
    assert SECRET not in answer.text
    assert INTEGRATION_CODE not in answer.text


def _wait_for_calls(simulator: Simulator, count: int) -> None:
    deadline = time.monotonic() + 30
    while len(simulator.control.get("/calls").json()) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)
