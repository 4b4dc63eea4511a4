"""`python -m tests.faults`: the long form, or with --short that of `make test`."""

import argparse
import asyncio
import logging
import random
import shutil
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from tests.faults.run import BETWEEN_CONTAINERS, LONG, SHORT, Place, run
from tests.faults.running import NotRunning


def _in_containers() -> Place:
    """The libraries of containers are loaded only for those who have an engine."""
    from tests.faults.in_containers import IN_CONTAINERS, next_images  # noqa: PLC0415 - see above

    next_images()
    return IN_CONTAINERS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--minutes", type=float, default=0.0, help="go on with kills at random until then")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--containers", action="store_true", help="each part in a container; always short")
    given = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a broker that is away is what we are here for
    home = Path(tempfile.mkdtemp(prefix="rebilling-faults-"))
    plan = BETWEEN_CONTAINERS if given.containers else SHORT if given.short else LONG
    place = _in_containers() if given.containers else None
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))  # what was started is taken down
    try:
        report = asyncio.run(
            run(replace(plan, minutes=given.minutes), given.seed, home, lambda line: print(line, flush=True), place)
        )
    except (NotRunning, TimeoutError) as error:
        print(f"faults, seed {given.seed}: {error or 'it took too long'}; everything is left in {home}")
        return 1
    if report.findings:
        again = "make e2e-faults" if given.containers else "make faults"
        print(f"logs and data are left in {home}; to run it again: {again} SEED={given.seed}")
        return 1
    shutil.rmtree(home)
    return 0


if __name__ == "__main__":
    sys.exit(main())
