"""Addresses that can be told from each other, in the form that both sides keep."""

import random
from typing import Any


def any_address(rng: random.Random) -> dict[str, Any]:
    """Some have a second line, most have no region."""
    second = f"Unit {rng.randint(1, 40)}" if rng.random() < 0.3 else None
    parts = {"line1": f"Oude Singel {rng.randint(1, 900)}", "line2": second, "city": "Leiden"}
    return {**parts, "region": None, "postal_code": f"2312 {rng.choice('ABCDEFGH')}B", "country": "NL"}


def any_number(rng: random.Random) -> str:
    return f"+3120794{rng.randint(6000, 6999)}"
