"""The simulator as a process, and a client that knows its zone and its credentials."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from embedded.autotask.credentials import INTEGRATION_CODE, SECRET, USERNAME
from embedded.ports import free_port

HEADERS = {"UserName": USERNAME, "Secret": SECRET, "ApiIntegrationCode": INTEGRATION_CODE}


@dataclass(frozen=True)
class Simulator:
    process: "subprocess.Popen[bytes]"
    control: httpx.Client
    zone: str = "webservices14"

    def api(self, method: str, path: str, json: Any = None, **headers: str) -> httpx.Response:
        """One call under the right credentials, or with `headers` in their place."""
        url = f"/{self.zone}/ATServicesRest/V1.0/{path}"
        return self.control.request(method, url, json=json, headers=headers or HEADERS)

    def query(self, *terms: dict[str, Any], entity: str = "Companies", **more: Any) -> httpx.Response:
        everything = ({"op": "gte", "field": "id", "value": 0},)
        return self.api("POST", f"{entity}/query", {"filter": list(terms or everything), **more})

    def fails(self, **faults: Any) -> None:
        self.control.put("/faults", json=faults).raise_for_status()


Start = Callable[..., Any]


@contextmanager
def a_simulator(folder: Path, accounts: int = 40) -> Iterator[Simulator]:
    port = free_port()
    command = [sys.executable, "-m", "embedded.autotask", "--port", str(port), "--data-dir", str(folder)]
    process = subprocess.Popen([*command, "--accounts", str(accounts)])
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=10) as client:
            _wait_for(client)
            yield Simulator(process, client)
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def start() -> Start:
    return a_simulator


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with a_simulator(tmp_path_factory.mktemp("autotask")) as simulator:
        yield simulator


@pytest.fixture
def simulator(running: Simulator) -> Simulator:
    """The one of the session, without faults, with its first zone and the usual limits."""
    running.control.delete("/faults").raise_for_status()
    running.control.put("/limits", json={}).raise_for_status()
    running.control.put("/zone", json={"zone": "webservices14"}).raise_for_status()
    return running


def _wait_for(client: httpx.Client) -> None:
    for _ in range(300):
        try:
            client.get("/healthz").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the simulator did not start")
