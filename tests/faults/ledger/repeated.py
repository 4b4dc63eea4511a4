"""What the run promises of itself: each record was produced twice, and not too long after another."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tests.faults.ledger.asked import Asked
from tests.faults.ledger.finding import Finding
from tests.faults.ledger.said import Said, in_order

MOST_BETWEEN: Final = 32
"""Other commands of its customer on that topic between a record and its repeat, at most."""


def check_repeats(asked: Mapping[str, Asked], commands: Sequence[Said]) -> Iterator[Finding]:
    """`commands`: the records of the command topics. One that the broker took twice for one is no harm."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    lanes: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    lane_of: dict[str, list[str]] = {}
    for one in in_order(commands):
        lane = lane_of[one.id] = lanes[one.topic, one.key]
        places[one.id].append(len(lane))
        lane.append(one.id)
    for id, command in asked.items():
        if command.over != "kafka" or command.ended is None:
            continue
        at = places[id]
        if len(at) < 2:
            yield Finding("every record is produced twice", str(command), f"{len(at)} times")
            continue
        between = set(lane_of[id][at[0] : at[-1]]) - {id}
        if len(between) > MOST_BETWEEN:
            yield Finding("a repeat comes soon", str(command), f"{len(between)} others between")
