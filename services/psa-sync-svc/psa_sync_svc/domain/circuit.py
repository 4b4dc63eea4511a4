"""Whether work that nobody waits for goes on at a PSA that does not answer: after some failures in a row it pauses, and
one call now and then finds out whether the PSA is back.

Times are milliseconds since the epoch.
"""

from dataclasses import dataclass, replace
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Pauses:
    """`failures`: so many in a row begin a pause of `first`; each probe in vain doubles it, up to `most`. `probe`: how
    long one may take, and so how long the others wait for what it tells."""

    failures: int = 5
    first: timedelta = timedelta(seconds=15)
    most: timedelta = timedelta(minutes=10)
    probe: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Circuit:
    """Of one integration under one `connection`. `pauses`: how many there were; 0: work goes on. `until`: nothing is
    asked before then, but by persons. `probing`: one call is on its way to find out."""

    integration_id: str
    partner_id: str
    connection: int
    failures: int = 0
    pauses: int = 0
    until: int = 0
    probing: bool = False

    @property
    def open(self) -> bool:
        return self.pauses > 0


def admit(known: Circuit, pauses: Pauses, now: int) -> tuple[Circuit, int]:
    """How long to wait, in milliseconds. Of those that come after a pause the first is the probe, and the others wait
    for what it tells, or until it can tell nothing any more."""
    if not known.open:
        return known, 0
    if known.until > now:
        return known, known.until - now
    return replace(known, until=now + _ms(pauses.probe), probing=True), 0


def fail(known: Circuit, pauses: Pauses, now: int) -> Circuit:
    """A call without an answer. Those that were under way when a pause began do not make it longer."""
    if known.open and not known.probing:
        return known
    counted = replace(known, failures=known.failures + 1)
    return _paused(counted, pauses, now) if known.probing or counted.failures >= pauses.failures else counted


def _paused(known: Circuit, pauses: Pauses, now: int) -> Circuit:
    pause = min(pauses.first * 2 ** min(known.pauses, 20), pauses.most)
    return replace(known, pauses=known.pauses + 1, until=now + _ms(pause), probing=False)


def _ms(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)
