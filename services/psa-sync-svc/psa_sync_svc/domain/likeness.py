"""Whether an account may be a customer that is here already: by what its name and its telephone number come down to."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from psa_sync_svc.domain.account import PsaAccount
from shared.engine.decision import Decision
from shared.values.country import country_code
from shared.values.errors import InvalidValue
from shared.values.folding import folded
from shared.values.phone import e164

_JOINED: Final = re.compile(r"[.'’]")
_BETWEEN: Final = re.compile(r"[\W_]+")
_FORMS: Final = frozenset(
    ("ag", "bv", "co", "company", "corp", "corporation", "gmbh", "inc", "limited", "llc", "ltd", "nv", "plc", "pty")
)
"""Legal forms at the end of a name, which some write and some do not."""

FORM: Final = 1
"""Raised with every change of what keys come down to, so that those kept in another form are made anew."""


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


@dataclass(frozen=True, slots=True)
class Keys:
    """What an account comes down to, in the way of this `form`; `region` is where its national number was read if its
    address named no country."""

    name: str | None
    phone: str | None
    region: str | None
    form: int = FORM


def keys_of(account: PsaAccount, region: str | None) -> Keys:
    """`region`: the deployment's, whose national telephone numbers are meant where an address tells none."""
    country = account.company_address.country if account.company_address else None
    return Keys(name_key(account.company_name), phone_key(account.contact_number, _country(country) or region), region)


def _country(told: str | None) -> str | None:
    try:
        return country_code(told) if told else None
    except InvalidValue:
        return None


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
