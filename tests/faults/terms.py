"""Payment terms of all six kinds, and none, as they are written in messages."""

import random
from typing import Any

Terms = dict[str, Any]


def any_terms(rng: random.Random) -> Terms | None:
    """None: the partner's apply."""
    return rng.choice((None, *_kinds(rng)))


def own_terms(rng: random.Random) -> Terms:
    return rng.choice(_kinds(rng))


def _kinds(rng: random.Random) -> tuple[Terms, ...]:
    cutoff = rng.choice((None, 5, 20, 28))
    return (
        {"kind": "due_on_receipt"},
        {"kind": "net", "days": rng.randint(0, 120)},
        {"kind": "end_of_month"},
        {"kind": "net_end_of_month", "days": rng.randint(1, 60)},
        {"kind": "days_end_of_month", "days": rng.randint(1, 60)},
        {"kind": "day_of_month", "day": rng.choice((1, 15, 29, 31)), "months": rng.randint(0, 3), "cutoff": cutoff},
    )
