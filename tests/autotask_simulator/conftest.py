"""The simulator as a process, and a client that knows its zone and its credentials."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from embedded.autotask.credentials import INTEGRATION_CODE, SECRET, USERNAME
from tests.simulated import Running, fixtures_of

HEADERS = {"UserName": USERNAME, "Secret": SECRET, "ApiIntegrationCode": INTEGRATION_CODE}


@dataclass(frozen=True)
class Simulator(Running):
    zone: str = "webservices14"

    def api(self, method: str, path: str, json: Any = None, **headers: str) -> httpx.Response:
        """One call under the right credentials, or with `headers` in their place."""
        url = f"/{self.zone}/ATServicesRest/V1.0/{path}"
        return self.control.request(method, url, json=json, headers=headers or HEADERS)

    def query(self, *terms: dict[str, Any], entity: str = "Companies", **more: Any) -> httpx.Response:
        everything = ({"op": "gte", "field": "id", "value": 0},)
        return self.api("POST", f"{entity}/query", {"filter": list(terms or everything), **more})


start, of_the_session = fixtures_of(Simulator, "autotask", accounts=40)


@pytest.fixture
def simulator(of_the_session: Simulator) -> Simulator:
    """The one of the session, without faults, with its first zone and the usual limits."""
    of_the_session.control.delete("/faults").raise_for_status()
    of_the_session.control.put("/limits", json={}).raise_for_status()
    of_the_session.control.put("/zone", json={"zone": "webservices14"}).raise_for_status()
    return of_the_session
