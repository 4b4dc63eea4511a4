"""The simulator as a process, and a client that logs in with its credentials."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from embedded.halopsa.credentials import CLIENT_ID, CLIENT_SECRET, TENANT
from tests.simulated import Running, fixtures_of

FORM = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "scope": "all"}


@dataclass(frozen=True)
class Simulator(Running):
    def login(self, *, tenant: str = TENANT, **form: str) -> httpx.Response:
        return self.control.post("/auth/token", params={"tenant": tenant}, data={**FORM, **form})

    def token(self, **form: str) -> str:
        text: str = self.login(**form).raise_for_status().json()["access_token"]
        return text

    def api(
        self, method: str, path: str, json: Any = None, *, token: str | None = None, **query: Any
    ) -> httpx.Response:
        """One call under a new token, or the one that is given; an empty one: without any."""
        bearer = self.token() if token is None else token
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return self.control.request(method, f"/api/{path}", json=json, params=query or None, headers=headers)

    def rows(self, path: str, **query: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.api("GET", path, **query).raise_for_status().json()[f"{path.lower()}s"]
        return found


start, of_the_session = fixtures_of(Simulator, "halopsa", accounts=60)


@pytest.fixture
def simulator(of_the_session: Simulator) -> Simulator:
    """The one of the session, without faults, and with a limit that is in the way of no test."""
    control = of_the_session.control
    control.delete("/faults").raise_for_status()
    control.delete("/calls").raise_for_status()
    control.put("/limits", json={"requests": 100_000}).raise_for_status()
    control.put("/tokens", json={}).raise_for_status()
    control.put("/agent", json={"sees": True}).raise_for_status()
    return of_the_session
