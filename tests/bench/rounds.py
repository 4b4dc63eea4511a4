"""Rounds that alternate: half of the store's limit, what is measured, the other half, so that noise meets both."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from statistics import harmonic_mean
from typing import Generic, Protocol, TypeVar

from tests.bench.machine import busy_s

Rate = Callable[[int], Awaitable[float]]
"""Does so many, and answers how many a second."""


class Worker(Protocol):
    """What does the work: one instance or several."""

    def cpu_s(self) -> float: ...

    async def rest(self) -> None: ...


Who = TypeVar("Who", bound=Worker)


@dataclass
class Rounds(Generic[Who]):
    """Each round's limit and rate per second, and the CPU seconds for 1,000: of what does the work, and of the whole
    machine, in which broker, store and this process have their part."""

    service: Who
    limit: Rate
    rate: Rate
    limits: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    machine_s: list[float] = field(default_factory=list)

    async def add(self, number: int) -> None:
        await self.service.rest()
        before = await self.limit(number // 2)
        await self.service.rest()
        cpu_s, machine_s = self.service.cpu_s(), busy_s()
        rate = await self.rate(number)
        await self.service.rest()
        self.cpu_s.append((self.service.cpu_s() - cpu_s) / number * 1_000)
        self.machine_s.append((busy_s() - machine_s) / number * 1_000)
        after = await self.limit(number // 2)
        self.limits.append(harmonic_mean([before, after]))
        self.rates.append(rate)

    async def warm_up(self, number: int) -> None:
        """What is compiled on the way is compiled before anything counts."""
        await self.add(number)
        await self.add(number)
        self.limits.clear()
        self.rates.clear()
        self.cpu_s.clear()
        self.machine_s.clear()
