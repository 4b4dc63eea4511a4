"""Between which versions a command was carried out that made none of its own: as far as anybody could know."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.faults.ledger.asked import Asked
from tests.faults.ledger.said import Said, first_occurrences


@dataclass
class Moments:
    """`version_of`: of the commands that made one."""

    asked: Mapping[str, Asked]
    commands: Sequence[Said]
    version_of: Mapping[str, int]

    def __post_init__(self) -> None:
        self._of_customer: defaultdict[str, list[Asked]] = defaultdict(list)
        for one in self.asked.values():
            self._of_customer[one.customer_id].append(one)
        self._lanes: defaultdict[str, list[str]] = defaultdict(list)
        for record in first_occurrences(self.commands):
            if record.id in self.asked:
                self._lanes[self.asked[record.id].customer_id].append(record.id)

    def of(self, command: Asked, last: int) -> range:
        """The versions that its customer may have had then; `last`: the customer's last one."""
        if command.over == "http" and command.attempts == 1 and command.version is not None:
            return range(command.version, command.version + 1)
        before, after = [1], [last + 1]
        for other in self._of_customer[command.customer_id]:
            version = self.version_of.get(other.id)
            if version is None:
                continue
            if other.over == "http" and (other.ended or 0.0) < command.began:
                before.append(version)
            if command.over == "http" and (command.ended or 0.0) < other.began:
                after.append(version)
        lane = self._lanes[command.customer_id]
        if command.id in lane:
            at = lane.index(command.id)
            before += [self.version_of[id] for id in lane[:at] if id in self.version_of]
            after += [self.version_of[id] for id in lane[at + 1 :] if id in self.version_of]
        return range(max(before), min(after))
