"""Violations that a test plants into a history in which every promise was kept, each with the rule that names it."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.faults.ledger.audit import Evidence, audit
from tests.faults.ledger.story_of_one import INVOICE
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


def in_every_invoice(seen: Evidence, **fields: Any) -> None:
    """As if its invoice had had these all along."""
    for place, one in enumerate(seen.invoices):
        value = json.dumps({**one.body, "invoice": {**one.state, **fields}}).encode()
        seen.invoices[place] = replace(one, value=value)
    seen.shown[INVOICE] = seen.invoices[-1].state
