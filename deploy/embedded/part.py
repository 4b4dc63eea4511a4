"""One server of the embedded stack as a process of its own: started, awaited, stopped, and gone when we are."""

import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_PR_SET_PDEATHSIG: Final = 1


class PartFailed(Exception):  # noqa: N818 - told to a person as it is
    """A part could not be started, or ended by itself; the message says why and where its log is."""


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def die_with_parent() -> None:
    """On Linux, ask the kernel to kill this process when the one that started it ends, however it ends."""
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    except (OSError, AttributeError):
        return


@dataclass
class Part:
    """A named process that is ready once its port answers. Times are seconds."""

    name: str
    command: Sequence[str]
    port: int
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    start_limit: float = 60.0
    stop_limit: float = 20.0
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def launch(self) -> None:
        if port_is_taken(self.port):
            raise PartFailed(f"{self.name}: port {self.port} is in use by another program; stop it or choose another")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                list(self.command),
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **self.env},
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - before any thread of ours holds a lock that it needs
            )

    def await_ready(self) -> None:
        until = time.monotonic() + self.start_limit
        while time.monotonic() < until:
            if not self.alive():
                raise PartFailed(f"{self.name} ended while it started:\n{self.last_words()}\n(its log: {self.log})")
            if port_is_taken(self.port):
                return
            time.sleep(0.05)
        self.kill()
        raise PartFailed(f"{self.name} did not listen within {self.start_limit:.0f} s (its log: {self.log})")

    def start(self) -> None:
        self.launch()
        self.await_ready()

    def stop(self) -> None:
        """Ask it to end; kill it when it does not."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(self.stop_limit)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    def last_words(self, lines: int = 12) -> str:
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""
