"""No rule of the ledger is one that cannot fail: a violation of each is planted."""

import re
from pathlib import Path

from tests.faults.ledger import test_audit, test_due, test_fates, test_imports, test_links

_ROOM = Path(__file__).parent
_RULE = re.compile(r'Finding\(\s*"([^"]+)"|rule = ((?:"[^"]+"(?: if \w+ else )?)+)')


def rules() -> set[str]:
    found = set[str]()
    for file in _ROOM.glob("*.py"):
        if not file.name.startswith("test_"):
            for literal, assigned in _RULE.findall(file.read_text()):
                found |= {literal} if literal else set(re.findall(r'"([^"]+)"', assigned))
    return found


def test_a_violation_of_each_rule_is_planted() -> None:
    planted = {rule for room in ROOMS for rule, _ in room.PLANTED.values()}

    assert planted - rules() == {"the order of the topic is kept"}
    assert rules() - planted == set()


ROOMS = (test_audit, test_due, test_fates, test_imports, test_links)
