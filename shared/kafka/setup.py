"""`rebilling-topics`: creates what the topic table names, and where the brokers check rights, lets each service in.

Run it before the services start, and again after each upgrade: what is there already stays as it is.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.contracts.topics import all_topics
from shared.engine.errors import Unavailable
from shared.engine.waiting import pauses
from shared.kafka.access import grant_all, grants
from shared.kafka.admin import broker_count, create_topics
from shared.kafka.cluster import Cluster, cluster_of
from shared.settings import KafkaSettings, load

_SAFE: Final = 3
"""Replicas where there are brokers enough: one may be lost and another be restarted."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`replication` None: 3, or one per broker where there are fewer."""

    replication: int | None
    access: bool
    wait_s: float


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="rebilling-topics", description=__doc__)
    parser.add_argument(
        "--access", action="store_true", help="also grant each service its rights (the brokers check them)"
    )
    parser.add_argument("--wait", type=float, default=120.0, metavar="SECONDS", help="how long brokers may be away")
    given = parser.parse_args(arguments)
    settings = load(KafkaSettings)
    wanted = Wanted(settings.replication_factor, given.access, given.wait)
    try:
        return asyncio.run(_set_up(cluster_of(settings), wanted))
    except (TimeoutError, OSError, Unavailable) as error:
        sys.stderr.write(f"rebilling-topics: {error or 'the brokers did not answer in time'}\n")
        return 1


async def _set_up(cluster: Cluster, wanted: Wanted) -> int:
    brokers = await _brokers(cluster, wanted.wait_s, at_least=wanted.replication or 1)
    replication = wanted.replication or min(_SAFE, brokers)
    created = await create_topics(cluster, replication=replication)
    known = len(tuple(all_topics()))
    print(f"{len(created)} topics created, {known - len(created)} were there; {replication} replicas")  # noqa: T201
    if wanted.access:
        print(f"{await grant_all(cluster, grants())} rights granted")  # noqa: T201
    return 0


async def _brokers(cluster: Cluster, wait_s: float, *, at_least: int) -> int:
    """How many there are, once there are that many: brokers that start together are not there at the same moment."""
    wait = pauses()
    async with asyncio.timeout(wait_s):
        while True:
            try:
                if (found := await broker_count(cluster)) >= at_least:
                    return found
                sys.stderr.write(f"waiting for the brokers: {found} of {at_least} are there\n")
                await wait.sleep()
            except Unavailable as error:
                sys.stderr.write(f"waiting for the brokers: {error}\n")
                await wait.sleep()


if __name__ == "__main__":
    sys.exit(main())
