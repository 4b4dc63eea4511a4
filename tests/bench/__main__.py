"""`make bench`: what the services reach of what the store and the broker can do, in rounds that alternate in one run.

Ratios only: absolute figures tell of the machine and of who else is busy on it. Nothing here is a pass or a fail.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from rich.console import Console

from tests.bench import dropdown, instances, latency, projection, release, sizes, throughput
from tests.bench.plan import Plan
from tests.bench.report import Report

PARTS: Final[dict[str, Callable[[Plan, Report], Awaitable[None]]]] = {
    "commands": throughput.measure,
    "instances": instances.measure,
    "projection": projection.measure,
    "latency": latency.measure,
    "release": release.measure,
    "dropdown": dropdown.measure,
    "sizes": sizes.measure,
}
WIDTH: Final = 140
"""Characters of a line where nobody says how wide the page is."""


async def measure(parts: list[str], plan: Plan, console: Console) -> tuple[Report, list[str]]:
    """What was found, and the parts that could not be measured: the others' findings are shown all the same."""
    report, failed = Report(), []
    for part in parts:
        began, known = time.monotonic(), len(report.lines)
        try:
            with console.status(f"measuring {part}"):
                await PARTS[part](plan, report)
        except Exception:  # noqa: BLE001 - whatever ended one part, minutes of the others are not to be lost
            console.print_exception(max_frames=8)
            failed.append(part)
        else:
            console.print(f"measured {part} in {time.monotonic() - began:.0f} s")
        report.tell(console, known)
    return report, failed


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--part", choices=PARTS, help="only this one; else all of them, in about twelve minutes")
    parser.add_argument("--size", type=int, default=Plan.large, help="customers of the larger size")
    parser.add_argument("--rounds", type=int, default=Plan.rounds)
    told = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    with tempfile.TemporaryDirectory() as home:
        plan = Plan(Path(home), large=told.size, rounds=told.rounds)
        report, failed = asyncio.run(measure([told.part] if told.part else list(PARTS), plan, console))
    report.show(console)
    if failed:
        sys.exit(f"not measured: {', '.join(failed)}")


if __name__ == "__main__":
    main()
