"""One run: the stream, the outages in the middle of it, and the ledger at the end."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, Final

import httpx
from pymongo.errors import PyMongoError

from tests.faults.clients import Clients
from tests.faults.collecting import collect
from tests.faults.ledger.audit import Evidence, audit, counts
from tests.faults.ledger.finding import Finding
from tests.faults.outages import FAILPOINTS, OTHER_SIDE, STOPS, Outages
from tests.faults.partner import settle
from tests.faults.psa_outages import FAILINGS, PsaOutages
from tests.faults.psas import Psas
from tests.faults.running import SERVICES, SIMULATORS, Running
from tests.faults.stream import Stream
from tests.faults.watching import Watch

SETTLED_S: Final = 60.0
"""After the last command everything has to be as promised within this time."""

_BETWEEN_PSA_OUTAGES_S: Final = 6.0
_SHOWN: Final = 8


@dataclass(frozen=True)
class Plan:
    """`kills`: at random; `whole`: every place, and what takes long; `minutes`: kills go on until then; `limit_s`: of
    all that is before the settling."""

    kills: int
    whole: bool
    at_once: int
    pause_s: float
    burst: int
    limit_s: float
    minutes: float = 0.0


SHORT: Final = Plan(kills=3, whole=False, at_once=16, pause_s=0.3, burst=300, limit_s=420.0)
BETWEEN_CONTAINERS: Final = Plan(kills=3, whole=False, at_once=8, pause_s=0.4, burst=300, limit_s=420.0)
"""Three brokers have to find room on the same machine."""
LONG: Final = Plan(kills=20, whole=True, at_once=24, pause_s=0.4, burst=2000, limit_s=1800.0)


@dataclass(frozen=True)
class Report:
    """`findings`: every broken promise; empty: all were kept."""

    seed: int
    seconds: float
    settled_s: float
    outages: dict[str, int]
    counts: dict[str, int]
    findings: list[Finding]

    def lines(self) -> list[str]:
        told = [f"  {number:>7}  {what}" for what, number in {**self.outages, **self.counts}.items()]
        end = f"settled {self.settled_s:.0f} s after the last command" if not self.findings else "NOT KEPT:"
        return [f"faults, seed {self.seed}, {self.seconds:.0f} s", *told, end, *self._broken()]

    def _broken(self) -> Iterator[str]:
        """Some of each rule's: one mistake may break one promise a thousand times, and another one once."""
        for rule in dict.fromkeys(finding.rule for finding in self.findings):
            of_it = [finding for finding in self.findings if finding.rule == rule]
            yield from (f"  {finding}" for finding in of_it[:_SHOWN])
            if len(of_it) > _SHOWN:
                yield f"  … and {len(of_it) - _SHOWN} more: {rule}"


@dataclass(frozen=True)
class Place:
    """Where the system runs, and what can be done to it there."""

    running: Callable[[Path], Running]
    outages: Callable[[Any, random.Random, Callable[[str], None]], Any]
    disturb: Callable[[Plan, Any, float], Awaitable[None]]


async def run(plan: Plan, seed: int, home: Path, tell: Callable[[str], None], place: Place | None = None) -> Report:
    """`place` None: as `rebilling up` starts it. Raises `NotRunning` where the system did not come up or back."""
    place = place or Place(Running, Outages, _disturb)
    began = monotonic()

    def tell_when(what: str) -> None:
        tell(f"{monotonic() - began:6.1f} s  {what}")

    tell_when(f"starting two instances of each service, seed {seed}")
    async with (
        place.running(home) as running,
        Watch(running.endpoints()["kafka"]) as watch,
        Clients(running) as clients,
    ):
        await settle(running)
        psas = Psas(running)
        await psas.connect()
        stream = Stream(clients, watch, psas, seed, at_once=plan.at_once, pause_s=plan.pause_s, burst=plan.burst)
        outages = place.outages(running, random.Random(f"{seed}/outages"), tell_when)
        of_psas = PsaOutages(running, outages, random.Random(f"{seed}/psas"), tell_when)
        stream.start()
        try:
            async with asyncio.timeout(plan.limit_s + plan.minutes * 60):
                await asyncio.gather(place.disturb(plan, outages, began), _disturb_psas(plan, of_psas))
                await stream.stop()
        finally:
            await stream.cancel()
        tell_when("the last command was sent; waiting until all has settled")
        last = monotonic()
        look = partial(collect, running, clients, watch, psas, of_psas.away)
        seen, findings = await _settle(running, look, until=last + SETTLED_S, tell=tell_when)
        settled_s, done = monotonic() - last, outages.done + of_psas.done
        report = Report(seed, monotonic() - began, settled_s, dict(done), counts(seen), findings)
        tell("\n".join(report.lines()))  # before anything is taken down, which may fail too
        return report


async def _disturb_psas(plan: Plan, psas: PsaOutages) -> None:
    """Beside all that happens to the services."""
    for name in SIMULATORS if plan.whole else SIMULATORS[:1]:
        for how in FAILINGS if plan.whole else ("too many requests", "lost connections"):
            await asyncio.sleep(_BETWEEN_PSA_OUTAGES_S)
            await psas.fail(how)
        await psas.kill(name)


async def _disturb(plan: Plan, outages: Outages, began: float) -> None:
    for kill in range(plan.kills):
        await outages.kill_at_random()
        if kill == plan.kills // 2:
            await outages.kill_foundation("store")
    await asyncio.gather(*(_at_each_place(outages, service, whole=plan.whole) for service in SERVICES))
    await outages.kill_foundation("kafka")
    if plan.whole:
        await asyncio.gather(*(outages.stop_past_its_lease(place, service) for place, service in STOPS))
        await outages.stop_the_broker(15.0)
    while monotonic() < began + plan.minutes * 60:
        await outages.kill_at_random()


async def _at_each_place(outages: Outages, service: str, *, whole: bool) -> None:
    """Both services side by side, so that they die at the same moment too."""
    places = FAILPOINTS + OTHER_SIDE if whole else FAILPOINTS
    for place in (place for place, of in places if of == service):
        await outages.kill_at(place, service)


def _in_time(began: float, until: float) -> Iterator[Finding]:
    """What was in order only when somebody looked later was not in order in time."""
    if began > until:
        yield Finding("all has settled in time", "the first look that was answered", f"{began - until:.0f} s too late")


async def _settle(
    running: Running, look: Callable[[], Awaitable[Evidence]], *, until: float, tell: Callable[[str], None]
) -> tuple[Evidence, list[Finding]]:
    """Look again and again until every promise is kept, or the time is over."""
    await running.ready(*SERVICES)
    while True:
        began = monotonic()
        try:
            seen = await look()
        except (httpx.HTTPError, PyMongoError):
            if monotonic() > until + SETTLED_S:
                raise
        else:
            findings = [*audit(seen), *_in_time(began, until)]
            if not findings or monotonic() > until:
                return seen, findings
            rules = Counter(finding.rule for finding in findings)
            tell("not yet: " + ", ".join(f"{rule} ({number})" for rule, number in rules.items()))
        await asyncio.sleep(2.0)
