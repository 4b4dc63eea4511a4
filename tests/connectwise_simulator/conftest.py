"""The simulator as a process, and a client that knows its codebase and its credentials."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from embedded.connectwise.credentials import CLIENT_ID, COMPANY, PRIVATE_KEY, PUBLIC_KEY
from tests.simulated import Running, fixtures_of


@dataclass(frozen=True)
class Simulator(Running):
    codebase: str = "v2025_1"

    def api(self, method: str, path: str, json: Any = None, **more: Any) -> httpx.Response:
        """One call under the right credentials, unless `auth` is given; other names are of the query."""
        auth = more.pop("auth", (f"{COMPANY}+{PUBLIC_KEY}", PRIVATE_KEY))
        headers = {"clientId": CLIENT_ID} | more.pop("headers", {})
        url = path if path.startswith("http") else f"/{self.codebase}/apis/3.0/{path}"
        params = more or None
        return self.control.request(method, url, json=json, params=params, headers=headers, auth=auth)

    def companies(self, conditions: str = "", **more: Any) -> list[dict[str, Any]]:
        answer = self.api("GET", "company/companies", conditions=conditions, **({"pageSize": 1000} | more))
        found: list[dict[str, Any]] = answer.raise_for_status().json()
        return found


start, of_the_session = fixtures_of(Simulator, "connectwise", accounts=40)


@pytest.fixture
def simulator(of_the_session: Simulator) -> Simulator:
    """The one of the session, without faults, and on its first codebase."""
    of_the_session.control.delete("/faults").raise_for_status()
    of_the_session.control.delete("/calls").raise_for_status()
    of_the_session.control.put("/codebase", json={"codebase": "v2025_1"}).raise_for_status()
    return of_the_session
