"""`make bench`: commands to published events through customer-svc, against what the store alone can do.

The rounds alternate within one run, so that the machine's mood touches both alike. Nothing here is a pass or a fail.
"""

import argparse
import asyncio
import statistics
import tempfile
import uuid
from pathlib import Path

from embedded.stack import Stack, running
from tests.bench import customers, limits
from tests.bench.process import Service


async def compare(stack: Stack, home: Path, size: int, commands: int, rounds: int) -> None:
    prefix = f"bench{uuid.uuid4().hex[:6]}_"
    service = Service(stack, prefix, home)
    await service.start()
    try:
        load = customers.Load(stack.bootstrap_servers, size)
        await load.create()
        print(f"{size} customers made; {rounds} alternating rounds of {commands} commands each")
        ratios = []
        for number in range(1, rounds + 1):
            limit = await limits.guarded_writes(stack.mongodb_uri, f"{prefix}customer_svc", commands)
            through = await load.update(commands)
            ratios.append(through / limit)
            print(
                f"round {number}: store alone {limit:,.0f}/s, commands to confirmed events {through:,.0f}/s, "
                f"ratio {through / limit:.0%}, resident {service.resident_mb():.0f} MB"
            )
        print(f"median ratio to the store's limit: {statistics.median(ratios):.0%}")
        trips = await limits.round_trips(stack.bootstrap_servers, 200)
        waits = await load.latencies(200)
        print(
            f"one command at a time: p50 {statistics.median(waits) * 1000:.1f} ms, bare round trip "
            f"{statistics.median(trips) * 1000:.1f} ms, ratio {statistics.median(waits) / statistics.median(trips):.1f}"
        )
    finally:
        await service.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=5_000, help="customers")
    parser.add_argument("--commands", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, running(Path(home) / "stack", print) as stack:
        asyncio.run(compare(stack, Path(home), told.size, told.commands, told.rounds))


if __name__ == "__main__":
    main()
