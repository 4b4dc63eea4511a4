"""What a process takes of the machine."""

import asyncio
import time
from typing import Final, Protocol

import psutil

_CALM: Final = 0.06
"""Of one core; an idle service's consumers and sweeps take a little."""
_LOOK_S: Final = 0.4
_LIMIT_S: Final = 120.0
_NOT_BUSY: Final = {"idle", "iowait", "steal", "guest", "guest_nice"}
"""What guests use is counted as their host's already, and what is stolen was another machine's."""


class Process(Protocol):
    """A part of a system, whatever it runs in."""

    @property
    def name(self) -> str: ...

    @property
    def url(self) -> str: ...

    @property
    def pid(self) -> int: ...


def load() -> float:
    """How many processes wanted a core, on average over the last minute; beyond the number of cores they waited."""
    return float(psutil.getloadavg()[0])


def busy_s() -> float:
    """CPU seconds of all cores together, whoever they were busy for."""
    times = psutil.cpu_times()._asdict()
    return float(sum(seconds for name, seconds in times.items() if name not in _NOT_BUSY))


class Watched:
    """A running part: CPU seconds, and the most memory that was seen, of the process itself and of its children."""

    def __init__(self, part: Process) -> None:
        self.name, self.url = part.name.removesuffix("-1"), part.url
        self._process = psutil.Process(part.pid)
        self.peak_mb = self.children_mb = 0.0

    def cpu_s(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def look(self) -> None:
        self.peak_mb = max(self.peak_mb, self._process.memory_info().rss / 2**20)
        children = sum(child.memory_info().rss for child in self._process.children(recursive=True))
        self.children_mb = max(self.children_mb, children / 2**20)

    async def watch(self) -> None:
        """Until it is cancelled."""
        while True:
            self.look()
            await asyncio.sleep(_LOOK_S)

    async def rest(self) -> None:
        """Returns once it has nothing left to do, so that what is measured next has the machine for itself."""
        until = time.monotonic() + _LIMIT_S
        while time.monotonic() < until:
            before = self.cpu_s()
            await asyncio.sleep(_LOOK_S)
            if self.cpu_s() - before < _CALM * _LOOK_S:
                return
        raise TimeoutError(f"{self.name} did not come to rest within {_LIMIT_S:.0f} s")
