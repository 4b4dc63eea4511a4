"""One process of the embedded system: started, awaited, stopped, killed, and gone when we are."""

import contextlib
import http.client
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from embedded.lifeline import tied
from embedded.ports import LOOPBACK, answers, is_taken

_LARGEST_LOG: Final = 20_000_000
"""Bytes; a larger log is put aside at the next start, in place of the one before."""


class PartFailed(Exception):  # noqa: N818 - told to a person as it is
    """A part could not be started, or ended by itself; the message says why and where its log is."""


@dataclass
class Part:
    """A named process in a group of its own. Times are seconds.

    It is ready once its port accepts connections, or, where `health` is a path, once that answers 200.
    """

    name: str
    command: Sequence[str]
    port: int
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    health: str = ""
    start_limit: float = 60.0
    stop_limit: float = 20.0
    port_limit: float = 1.0
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def launch(self) -> None:
        """Start the process without waiting. Call it from a thread that stays (see lifeline). Raises `PartFailed`."""
        self._await_port()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".old.log"))
        try:
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    list(self.command),
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    stdin=subprocess.DEVNULL,
                    env={**os.environ, **self.env},
                    start_new_session=True,
                    preexec_fn=tied(),  # noqa: PLW1509 - one system call, looked up before the fork
                )
        except OSError as error:
            raise PartFailed(f"{self.name} cannot be started: {error}; does `make setup` help?") from error

    def _await_port(self) -> None:
        """One of ours that was just killed may hold its port for a moment longer."""
        until = time.monotonic() + self.port_limit
        while is_taken(self.port):
            if time.monotonic() > until:
                raise PartFailed(f"{self.name}: port {self.port} is in use by another program; stop that one first")
            time.sleep(0.05)

    def ready(self) -> bool:
        """Whether it serves now. Raises `PartFailed` where it has ended."""
        if not self.alive():
            raise PartFailed(f"{self.name} ended while it started:\n{self.last_words()}\n(its log: {self.log})")
        return self._healthy() if self.health else answers(self.port)

    def _healthy(self) -> bool:
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=2.0)
        try:
            connection.request("GET", self.health)
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def await_ready(self) -> None:
        until = time.monotonic() + self.start_limit
        while not self.ready():
            if time.monotonic() > until:
                self.kill()
                raise self.too_slow()
            time.sleep(0.05)

    def too_slow(self) -> PartFailed:
        within = f"{self.start_limit:.0f} s"
        return PartFailed(f"{self.name} was not ready within {within}:\n{self.last_words()}\n(its log: {self.log})")

    def start(self) -> None:
        self.launch()
        self.await_ready()

    def ask_to_end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def stop(self) -> None:
        """Ask it to end; kill it when it does not."""
        self.ask_to_end()
        self.await_end()

    def await_end(self) -> None:
        """Wait until it has ended as it was asked to; kill it when it does not."""
        if self.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(self.stop_limit)
        self.kill()

    def kill(self) -> None:
        """End the process and whatever it started, at once."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def last_words(self, lines: int = 12) -> str:
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""
