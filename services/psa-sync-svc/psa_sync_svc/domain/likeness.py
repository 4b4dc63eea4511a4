"""Whether an account may be a customer that is here already: by what its name and its telephone number come down to."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.engine.decision import Decision
from shared.values.errors import InvalidValue
from shared.values.folding import folded
from shared.values.phone import e164

_JOINED: Final = re.compile(r"[.'’]")
_BETWEEN: Final = re.compile(r"[\W_]+")
_FORMS: Final = frozenset(
    ("ag", "bv", "co", "company", "corp", "corporation", "gmbh", "inc", "limited", "llc", "ltd", "nv", "plc", "pty")
)
"""Legal forms at the end of a name, which some write and some do not."""


class Mark(StrEnum):
    """What there is to an account before it is imported."""

    NEW = "new"
    LINKED = "linked"
    LIKELY_DUPLICATE = "likely_duplicate"


@dataclass(frozen=True, slots=True)
class KnownCustomer:
    """A customer as far as an account may be like it. An archived one is like none, and nothing of it is kept."""

    customer_id: str
    partner_id: str
    customer_version: int
    name: str | None
    phone: str | None


def name_key(name: str) -> str | None:
    """`Wattle & Tide Pty. Ltd.` and `WATTLE TIDE` are one name; a name that is only marks is like no other."""
    words = _BETWEEN.sub(" ", _JOINED.sub("", folded(name))).split()
    kept = list(words)
    while kept and kept[-1] in _FORMS:
        kept.pop()
    return " ".join(kept or words) or None


def phone_key(number: str | None, region: str | None) -> str | None:
    """None for what is no telephone number, which says nothing of whose it is."""
    if not number:
        return None
    try:
        return e164(number, region)
    except InvalidValue:
        return None


def know(known: KnownCustomer | None, told: KnownCustomer) -> Decision[KnownCustomer, object]:
    """The newest version counts, whichever of its events is seen."""
    if known is not None and told.customer_version <= known.customer_version:
        return Decision(known)
    return Decision(told)
