"""What a run found, as a table that a person can read: each line with its target and whether it was met."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from rich.console import Console
from rich.table import Table

from tests.bench.machine import Watched, load

MEMORY_MB: Final = 150


@dataclass(frozen=True)
class Line:
    """One finding. `met` None: it is for information."""

    what: str
    found: str
    target: str = ""
    met: bool | None = None
    rounds: str = ""


@dataclass
class Report:
    """`noise` says how far the rounds of one and the same measurement were apart."""

    lines: list[Line] = field(default_factory=list)
    noise: list[str] = field(default_factory=list)
    memory_mb: dict[str, tuple[float, float]] = field(default_factory=dict)

    def add(self, what: str, found: str, target: str = "", met: bool | None = None, rounds: str = "") -> None:
        self.lines.append(Line(what, found, target, met, rounds))

    def share(self, what: str, rates: Sequence[float], limits: Sequence[float], target: float | None = None) -> float:
        """The median of what each round reached of the limit measured just before it."""
        ratios = [rate / limit for rate, limit in zip(rates, limits, strict=True)]
        share = statistics.median(ratios)
        found = f"{share:.0%}: {statistics.median(rates):,.0f}/s of {statistics.median(limits):,.0f}/s"
        rounds = " ".join(f"{ratio:.0%}" for ratio in ratios)
        if target is None:
            self.add(what, found, rounds=rounds)
        else:
            self.add(what, found, f"at least {target:.0%}", share >= target, rounds)
        return share

    def trips(self, what: str, waits: Sequence[float], trips: Sequence[float], target: float | None = None) -> None:
        """The median wait in bare round trips, which are measured beside it. Seconds in, milliseconds out."""
        wait, trip = statistics.median(waits), statistics.median(trips)
        far = sorted(waits)[len(waits) * 99 // 100]
        found = f"{wait / trip:.1f} trips: {wait * 1000:.1f} ms of {trip * 1000:.2f} ms"
        p99 = f"p99 {far * 1000:.0f} ms"
        if target is None:
            self.add(what, found, rounds=p99)
        else:
            self.add(what, found, f"at most {target:g}", wait <= target * trip, p99)

    def within(self, what: str, waits: Sequence[float], limit_ms: float) -> None:
        """Nineteen of twenty are answered in less. Seconds in, milliseconds out, which tell of the machine as well: how
        busy that was stands beside it."""
        ordered = [each * 1000 for each in sorted(waits)]
        p95, far = ordered[(len(ordered) * 95 - 1) // 100], ordered[-1]
        found = f"p50 {statistics.median(ordered):.1f} ms, p95 {p95:.1f} ms"
        rounds = f"most {far:.0f} ms, load {load():.1f}"
        self.add(what, found, f"p95 under {limit_ms:g} ms", p95 < limit_ms, rounds)

    def cpu(self, what: str, seconds: Sequence[float]) -> None:
        self.add(what, f"{statistics.median(seconds):.2f} s", rounds=" ".join(f"{each:.2f}" for each in seconds))

    def noisy(self, what: str, figures: Sequence[float]) -> None:
        self.noise.append(f"{what} {(max(figures) - min(figures)) / statistics.median(figures):.0%}")

    def memory(self, service: Watched) -> None:
        """Keep the most that was seen of it in any part of this run."""
        service.look()
        own, children = self.memory_mb.get(service.name, (0.0, 0.0))
        self.memory_mb[service.name] = max(own, service.peak_mb), max(children, service.children_mb)

    def tell(self, console: Console, since: int) -> None:
        """The lines from this one on, at once: what ends the run later takes nothing from them."""
        for line in self.lines[since:]:
            met = {None: "", True: ", met", False: ", NOT met"}[line.met]
            console.print(f"  {line.what}: {line.found}{f' ({line.target}{met})' if line.target else ''}")

    def show(self, console: Console) -> None:
        table = Table("", "found", "target", "met", "rounds")
        for line in [*self.lines, *self._memory_lines()]:
            met = "" if line.met is None else "yes" if line.met else "NO"
            table.add_row(line.what, line.found, line.target, met, line.rounds)
        console.print(table)
        console.print(f"noise (spread of the alternating rounds over their median): {', '.join(self.noise)}")

    def _memory_lines(self) -> list[Line]:
        return [
            Line(
                f"resident memory of {name} at most",
                f"{own:.0f} MB" + (f", its PDF process {children:.0f} MB" if children else ""),
                f"at most {MEMORY_MB} MB",
                own <= MEMORY_MB,
            )
            for name, (own, children) in self.memory_mb.items()
        ]
