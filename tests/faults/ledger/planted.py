"""Violations that a test plants into a history in which every promise was kept, each with the rule that names it."""

from collections.abc import Callable

from tests.faults.ledger.audit import Evidence, audit
from tests.faults.ledger.whole_story import all_was_kept

Break = Callable[[Evidence], None]


class Planted(dict[str, tuple[str, Break]]):
    """By the name of the function that plants it: the rule, and the function."""

    def breaks(self, rule: str) -> Callable[[Break], Break]:
        def keep(plant: Break) -> Break:
            self[plant.__name__] = (rule, plant)
            return plant

        return keep


def rules_named_after(plant: Break) -> set[str]:
    seen = all_was_kept()
    plant(seen)
    return {finding.rule for finding in audit(seen)}
