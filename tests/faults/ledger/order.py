"""Commands of one customer take effect in the order in which they were taken, as far as anybody could know one."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from tests.faults.ledger.asked import Asked
from tests.faults.ledger.finding import Finding
from tests.faults.ledger.said import Said, first_occurrences


def check_order(
    asked: Mapping[str, Asked], commands: Sequence[Said], version_of: Mapping[str, int]
) -> Iterator[Finding]:
    """Over Kafka in the order of offsets; over HTTP what was answered came before whatever was asked after that."""
    lanes: defaultdict[str, list[Asked]] = defaultdict(list)
    for one in first_occurrences(commands):
        if one.id in version_of and one.id in asked:
            lanes[asked[one.id].customer_id].append(asked[one.id])
    for lane in lanes.values():
        yield from _in_order(lane, version_of, "the order of the topic is kept")
    of_customer: defaultdict[str, list[Asked]] = defaultdict(list)
    for command in asked.values():
        if command.id in version_of:
            of_customer[command.customer_id].append(command)
    for customer_commands in of_customer.values():
        yield from _answered_first(customer_commands, version_of)


def _in_order(lane: Sequence[Asked], version_of: Mapping[str, int], rule: str) -> Iterator[Finding]:
    for earlier, later in pairwise(lane):
        if version_of[earlier.id] >= version_of[later.id]:
            detail = f"has version {version_of[later.id]}, and {earlier} before it {version_of[earlier.id]}"
            yield Finding(rule, str(later), detail)


def _answered_first(commands: Sequence[Asked], version_of: Mapping[str, int]) -> Iterator[Finding]:
    """The highest version that anybody was told before a command was sent is below the command's own."""
    rule = "what was answered stays before what was asked later"
    answered = sorted((c for c in commands if c.over == "http" and c.ended is not None), key=lambda c: c.ended or 0.0)
    place, highest = 0, None
    for command in sorted(commands, key=lambda c: c.began):
        while place < len(answered) and (answered[place].ended or 0.0) < command.began:
            if highest is None or version_of[answered[place].id] > version_of[highest.id]:
                highest = answered[place]
            place += 1
        if highest is not None and version_of[highest.id] >= version_of[command.id]:
            detail = f"has version {version_of[command.id]}, and {highest}, answered before, {version_of[highest.id]}"
            yield Finding(rule, str(command), detail)


def check_answered_versions(asked: Mapping[str, Asked], version_of: Mapping[str, int]) -> Iterator[Finding]:
    """Who was answered at the first attempt was told the version that the command made."""
    for command in asked.values():
        mine = version_of.get(command.id)
        if mine is not None and command.over == "http" and command.attempts == 1 and command.version != mine:
            yield Finding("an answer tells its own version", str(command), f"told {command.version}, made {mine}")
