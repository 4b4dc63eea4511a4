"""A simulated PSA as a process, for the tests of the simulators themselves."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from embedded.ports import free_port


@dataclass(frozen=True)
class Running:
    process: "subprocess.Popen[bytes]"
    control: httpx.Client

    def fails(self, **faults: Any) -> None:
        self.control.put("/faults", json=faults).raise_for_status()


@contextmanager
def running(module: str, folder: Path, accounts: int) -> Iterator[Running]:
    port = free_port()
    command = [sys.executable, "-m", module, "--port", str(port), "--data-dir", str(folder)]
    process = subprocess.Popen([*command, "--accounts", str(accounts)])
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=10) as client:
            _wait_for(client)
            yield Running(process, client)
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(client: httpx.Client) -> None:
    for _ in range(300):
        try:
            client.get("/healthz").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the simulator did not start")
