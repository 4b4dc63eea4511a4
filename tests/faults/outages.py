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

from tests.faults.running import CUSTOMER_SVC, INVOICE_SVC, LEASE_S, SERVICES, NotRunning, Running

FAILPOINTS: Final = (
    ("after-save", CUSTOMER_SVC),
    ("after-publish", INVOICE_SVC),
    ("before-clear", CUSTOMER_SVC),
    ("before-commit", INVOICE_SVC),
    ("number-drawn", INVOICE_SVC),
    ("mail-before-last-line", INVOICE_SVC),
    ("mail-after-last-line", INVOICE_SVC),
)
OTHER_SIDE: Final = (
    ("after-save", INVOICE_SVC),
    ("after-publish", CUSTOMER_SVC),
    ("before-clear", INVOICE_SVC),
    ("before-commit", CUSTOMER_SVC),
)
"""The places that both services have, at the other one."""

CROSSED_S: Final = 120.0


class Outages:
    """Each method does one thing, waits until it was done, and is counted under its name."""

    def __init__(self, running: Running, rng: random.Random, tell: Callable[[str], None]) -> None:
        self._running, self._rng, self._tell = running, rng, tell
        self.done: Counter[str] = Counter()

    async def kill_at_random(self) -> None:
        """One instance, at once; the next thing may come before it is back."""
        service = self._rng.choice(SERVICES)
        pid = self._rng.choice(self._running.pids(service))
        self._note("killed at random", f"{service}, process {pid}")
        _signal(pid, signal.SIGKILL)
        await self._running.replaced(service, pid)
        await asyncio.sleep(self._rng.uniform(0, 2))

    async def kill_at(self, place: str, service: str) -> None:
        """Whichever instance comes by first; the other one is not meant any more then."""
        pids = self._running.pids(service)
        files = [self._running.failpoints / f"{place}.{pid}" for pid in pids]
        for file in files:
            file.touch()
        until = monotonic() + CROSSED_S
        while not (gone := [pid for pid in pids if not _is_there(pid)]):
            if monotonic() > until:
                raise NotRunning(f"{place}: no instance of {service} came by within {CROSSED_S:.0f} s")
            await asyncio.sleep(0.02)
        for file in files:
            file.unlink(missing_ok=True)
        self._note(place, f"{service}, process {gone[0]}")
        await self._running.replaced(service, gone[0])

    async def stop_past_its_lease(self) -> None:
        """Whatever it was doing, others have taken it over when it goes on."""
        await self._running.ready(INVOICE_SVC)
        pid = self._rng.choice(self._running.pids(INVOICE_SVC))
        self._note("stopped past its lease", f"{INVOICE_SVC}, process {pid}, for {LEASE_S + 5:.0f} s")
        await _stopped(pid, LEASE_S + 5)

    async def stop_the_broker(self, seconds: float) -> None:
        [pid] = self._running.pids("kafka")
        self._note("broker stopped", f"process {pid}, for {seconds:.0f} s")
        await _stopped(pid, seconds)

    async def kill_foundation(self, part: str) -> None:
        """`kafka` or `store`; `rebilling up` starts it again."""
        [pid] = self._running.pids(part)
        self._note(f"{part} killed", f"process {pid}")
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


def _is_there(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
