"""The system under test, started as a user starts it: `rebilling up`, known only by its endpoints file."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sysconfig
from pathlib import Path
from time import monotonic
from typing import Any, Final, Self

import httpx
import psutil

CUSTOMER_SVC, PSA_SYNC_SVC, INVOICE_SVC = "customer-svc", "psa-sync-svc", "invoice-svc"
SERVICES: Final = (CUSTOMER_SVC, PSA_SYNC_SVC, INVOICE_SVC)
SIMULATORS: Final = ("autotask", "connectwise", "halopsa")
LEASE_S: Final = 20.0
"""The longest lease of a worker with the settings below: making a PDF, the conversation, and 5 s; or a call of
a PSA, and 15 s."""

SETTINGS: Final = {
    "REBILLING_PDF__TIMEOUT_S": "10",
    "REBILLING_SMTP__TIMEOUT_S": "5",
    "REBILLING_PSA__CALL_LIMIT_S": "5",
    "REBILLING_PSA__POLL_FASTEST_S": "5",
    "REBILLING_PSA__POLL_SLOWEST_S": "10",
    "REBILLING_HALOPSA__REQUESTS_PER_5_MINUTES": "100000",
}
_REBILLING: Final = str(Path(sysconfig.get_path("scripts")) / "rebilling")
_START_S, _STOP_S, _READY_S = 180.0, 90.0, 120.0


class NotRunning(Exception):  # noqa: N818 - told to a person as it is
    """The system did not come up, or did not come back; its logs are in the directory that is named."""


class Running:
    """Two instances of each service over a directory of their own; ended at the end, whatever happened."""

    def __init__(self, home: Path) -> None:
        self.home, self.failpoints = home, home / "failpoints"
        self._file, self._log = home / "endpoints.json", home / "rebilling.log"
        self._started: dict[int, psutil.Process] = {}
        self._process: subprocess.Popen[bytes] | None = None

    async def __aenter__(self) -> Self:
        self.failpoints.mkdir(parents=True)
        plain = {name: value for name, value in os.environ.items() if not name.startswith("REBILLING_")}
        command = [_REBILLING, "up", "--empty", "--instances", "2", "--data-dir", str(self.home / "data")]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220 - it only begins here
                [*command, "--endpoints-file", str(self._file)],
                env=plain | SETTINGS | {"REBILLING_FAILPOINTS": str(self.failpoints)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            await self._until("the endpoints file", _START_S, self._file.exists)
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end()

    def endpoints(self) -> dict[str, Any]:
        """As they are now: the file names the living processes."""
        found: dict[str, Any] = json.loads(self._file.read_text())
        for pid in (*found["pids"].values(), *(one["pid"] for of in found["instances"].values() for one in of)):
            with contextlib.suppress(psutil.NoSuchProcess):
                self._started.setdefault(pid, psutil.Process(pid))
        return found

    def pids(self, part: str) -> list[int]:
        """The processes of a service, or of `kafka`, `store` or a simulator."""
        found = self.endpoints()
        if part in SERVICES:
            return [int(one["pid"]) for one in found["instances"][part]]
        return [int(found["pids"][part])]

    async def replaced(self, part: str, pid: int) -> None:
        """Returns once another process has its place."""
        await self._until(f"another {part} than process {pid}", _READY_S, lambda: pid not in self.pids(part))

    async def ready(self, *services: str) -> None:
        """Returns once every instance of these is ready."""
        await self.answer(*(f"{one['url']}/readyz" for name in services for one in self.endpoints()["instances"][name]))

    async def answer(self, *urls: str) -> None:
        """Returns once all of these are answered well."""
        until = monotonic() + _READY_S
        async with httpx.AsyncClient(timeout=5.0, trust_env=False) as client:
            while not all([await _answers(client, url) for url in urls]):
                if monotonic() > until:
                    raise NotRunning(f"{', '.join(urls)}: no answer within {_READY_S:.0f} s; see {self.home}")
                await asyncio.sleep(0.3)

    async def _until(self, what: str, limit_s: float, there: Any) -> None:
        until = monotonic() + limit_s
        while not there():
            self._require_it_runs()
            if monotonic() > until:
                raise NotRunning(f"{what} did not come within {limit_s:.0f} s; see {self.home}")
            await asyncio.sleep(0.05)

    def _require_it_runs(self) -> None:
        if self._process is None or self._process.poll() is not None:
            raise NotRunning(f"rebilling up ended:\n{self._log.read_text()[-2000:]}")

    async def _end(self) -> None:
        """Ask it to end; whatever of it is still there after that is killed, by its id."""
        if self._process is None:
            return
        with contextlib.suppress(OSError, ValueError):
            self.endpoints()
        with contextlib.suppress(psutil.NoSuchProcess):
            children = psutil.Process(self._process.pid).children(recursive=True)
            self._started.update({child.pid: child for child in children})
        self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(self._process.wait, _STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for process in self._started.values():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()  # psutil knows a process by its start too, so nobody else with its id is meant


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).is_success
    except httpx.HTTPError:
        return False
