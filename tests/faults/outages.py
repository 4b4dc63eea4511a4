"""What is done to the system while it works: killed, killed at a named place, stopped and let go on."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from time import monotonic
from typing import Final

import psutil

from tests.faults.running import CUSTOMER_SVC, INVOICE_SVC, LEASE_S, PSA_SYNC_SVC, SERVICES, NotRunning, Running

FAILPOINTS: Final = (
    ("after-save", CUSTOMER_SVC),
    ("after-publish", INVOICE_SVC),
    ("before-clear", CUSTOMER_SVC),
    ("before-commit", INVOICE_SVC),
    ("number-drawn", INVOICE_SVC),
    ("mail-before-last-line", INVOICE_SVC),
    ("mail-after-last-line", INVOICE_SVC),
    ("account-fetched", PSA_SYNC_SVC),
    ("after-publish", PSA_SYNC_SVC),
    ("push-marked", PSA_SYNC_SVC),
    ("fields-pushed", PSA_SYNC_SVC),
)
OTHER_SIDE: Final = (
    ("after-save", INVOICE_SVC),
    ("after-publish", CUSTOMER_SVC),
    ("before-clear", INVOICE_SVC),
    ("before-commit", CUSTOMER_SVC),
    ("after-save", PSA_SYNC_SVC),
    ("before-clear", PSA_SYNC_SVC),
    ("before-commit", PSA_SYNC_SVC),
    ("psa-answered", PSA_SYNC_SVC),
    ("polled", PSA_SYNC_SVC),
)
"""The places that all services have, at the others; and what is only read again."""

STOPS: Final = (
    ("mail-before-last-line", INVOICE_SVC),
    ("after-save", CUSTOMER_SVC),
    ("push-marked", PSA_SYNC_SVC),
)
"""Where an instance is stopped past its lease."""

CROSSED_S: Final = 120.0


class Outages:
    """Each method does one thing, waits until it was done, and is counted under its name."""

    def __init__(self, running: Running, rng: random.Random, tell: Callable[[str], None]) -> None:
        self._running, self._rng, self._tell = running, rng, tell
        self.done: Counter[str] = Counter()

    async def kill_at_random(self) -> None:
        """One instance, at once; half of the time in full work, else perhaps before the one before it is back."""
        service = self._rng.choice(SERVICES)
        if self._rng.random() < 0.5:
            await self._running.ready(service)
        pid = self._rng.choice(self._running.pids(service))
        self._note("killed at random", f"{service}, process {pid}")
        _signal(pid, signal.SIGKILL)
        await self._running.replaced(service, pid)
        await asyncio.sleep(self._rng.uniform(0, 2))

    async def kill_at(self, place: str, service: str) -> None:
        pid = await self._crossing(place, service, "", _is_gone)
        self._note(place, f"{service}, process {pid}")
        await self._running.replaced(service, pid)

    async def stop_past_its_lease(self, place: str, service: str) -> None:
        """There, in the middle of something that others have taken over when it goes on."""
        pid = await self._crossing(place, service, "stop", _is_stopped)
        self._note("stopped past its lease", f"{place}, {service}, process {pid}, for {LEASE_S + 5:.0f} s")
        await _stopped(pid, LEASE_S + 5)

    async def _crossing(self, place: str, service: str, told: str, crossed: Callable[[int], bool]) -> int:
        """Whichever instance comes by first; the other one is not meant any more then."""
        pids = self._running.pids(service)
        files = [self._running.failpoints / f"{place}.{pid}" for pid in pids]
        for file in files:  # in one step, so that nobody reads half of it
            scratch = file.with_suffix(".new")
            scratch.write_text(told)
            scratch.replace(file)
        until = monotonic() + CROSSED_S
        while not (there := [pid for pid in pids if crossed(pid)]):
            if monotonic() > until:
                raise NotRunning(f"{place}: no instance of {service} came by within {CROSSED_S:.0f} s")
            await asyncio.sleep(0.02)
        for file in files:
            file.unlink(missing_ok=True)
        for pid in there[1:]:
            _signal(pid, signal.SIGCONT)  # both came by at once; one is enough
        return there[0]

    async def stop_the_broker(self, seconds: float) -> None:
        [pid] = self._running.pids("kafka")
        self._note("broker stopped", f"process {pid}, for {seconds:.0f} s")
        await _stopped(pid, seconds)

    async def kill_foundation(self, part: str, *, counted: str = "", why: str = "") -> None:
        """`kafka`, `store` or a simulator; whoever started it starts it again."""
        [pid] = self._running.pids(part)
        self._note(f"{counted or part} killed", why or f"process {pid}")
        _signal(pid, signal.SIGKILL)
        await self._running.replaced(part, pid)

    def _note(self, what: str, where: str) -> None:
        self.done[what] += 1
        self._tell(f"{what}: {where}")


async def _stopped(pid: int, seconds: float) -> None:
    _signal(pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        _signal(pid, signal.SIGCONT)


def _signal(pid: int, number: signal.Signals) -> None:
    """A process that has just ended by itself is as good as killed."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _is_gone(pid: int) -> bool:
    return _status(pid) in ("", psutil.STATUS_ZOMBIE)


def _is_stopped(pid: int) -> bool:
    return _status(pid) == str(psutil.STATUS_STOPPED)


def _status(pid: int) -> str:
    try:
        return str(psutil.Process(pid).status())
    except psutil.NoSuchProcess:
        return ""
