"""How the simulated PSAs let their clients down: refused, slow, cut off, answered in halves, or gone."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any, Final

import httpx

from tests.faults.outages import Outages
from tests.faults.providers import take_plenty
from tests.faults.running import SIMULATORS, Running

FAILINGS: Final[dict[str, dict[str, Any]]] = {
    "too many requests": {"status": {"code": 429, "shape": "empty", "retry_after": "2"}},
    "an error of its own": {"status": {"code": 500, "shape": "html"}},
    "slower than anybody waits": {"slow": {"s": 60}},
    "lost connections": {"reset": {"when": "after_commit"}},
    "halves of answers": {"broken": {"kind": "truncated"}},
}
"""By name, what the simulators' `/faults` calls them."""

_LASTS_S: Final = 6.0
"""Shorter than an import waits, so that one that is refused for it met more than one."""


class PsaOutages:
    """`away`: from when until when one of them was."""

    def __init__(self, running: Running, outages: Outages, rng: random.Random, tell: Callable[[str], None]) -> None:
        self._running, self._outages, self._rng, self._tell = running, outages, rng, tell
        self.done: Counter[str] = Counter()
        self.away: list[tuple[float, float]] = []

    async def fail(self, how: str) -> None:
        """Every call of one of them, for a while."""
        name = self._rng.choice(SIMULATORS)
        self.done[f"PSA failing: {how}"] += 1
        self._tell(f"PSA failing: {how}, {name}, for {_LASTS_S:.0f} s")
        url = f"{self._running.endpoints()['simulators'][name]}/faults"
        async with self._noted(), httpx.AsyncClient(timeout=10.0, trust_env=False) as client:
            (await client.put(url, json=FAILINGS[how])).raise_for_status()
            try:
                await asyncio.sleep(_LASTS_S)
            finally:
                (await client.delete(url)).raise_for_status()

    async def kill(self, name: str) -> None:
        async with self._noted():
            await self._outages.kill_foundation(name)
            url = self._running.endpoints()["simulators"][name]
            await self._running.answer(f"{url}/healthz")
            if name == "halopsa":
                async with httpx.AsyncClient(timeout=10.0, trust_env=False) as client:
                    await take_plenty(client, url)

    @asynccontextmanager
    async def _noted(self) -> AsyncIterator[None]:
        began = monotonic()
        try:
            yield
        finally:
            self.away.append((began, monotonic()))
