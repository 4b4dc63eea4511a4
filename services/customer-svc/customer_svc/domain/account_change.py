"""What changed at a linked account, or was decided for both sides, is taken over field by field."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Literal

from customer_svc.domain.customer import Account, Address, Customer, Status
from customer_svc.domain.editing import with_fields
from customer_svc.domain.facts import CustomerFact
from customer_svc.domain.fields import Edits
from customer_svc.domain.psa_account import PsaAccount, taken_over
from shared.engine.decision import Decision, no_such
from shared.values.country import country_code
from shared.values.errors import InvalidValue
from shared.values.texts import comparable

Value = str | Address | None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that was `was` when the change was found, and is to become `to`."""

    was: Value
    to: Value


@dataclass(frozen=True, slots=True)
class Seen:
    """What changed, as seen under one link. `account`: what the PSA shows; a change counts more than it."""

    account: PsaAccount
    link: Account
    link_version: int
    changes: Mapping[str, FieldChange]
    source: Literal["psa", "portal"] = "psa"


def take_account_change(
    customer: Customer | None, seen: Seen, *, region: str | None
) -> Decision[Customer, CustomerFact]:
    """Each field that still is what it was becomes what it is to be: what somebody set here meanwhile is not lost.
    What was seen under another link, or cannot be read, changes nothing."""
    if customer is None:
        raise no_such("customer_id")
    link = customer.integration
    if customer.status is Status.ARCHIVED or link is None:
        return Decision(customer)
    if link.account != seen.link or link.link_version != seen.link_version:
        return Decision(customer)
    still = {name: each.to for name, each in seen.changes.items() if _is(customer, name, each.was)}
    return with_fields(customer, _readable(seen.account, still, region), seen.source)


_SYNCED = ("company_name", "contact_number", "company_address", "reference")


def _is(customer: Customer, name: str, value: Value) -> bool:
    return name in _SYNCED and _plain(getattr(customer, name)) == _plain(value)


def _plain(value: Value) -> Value:
    """The same for all values that nobody could tell apart."""
    if not isinstance(value, Address):
        return comparable(value)
    parts = {each.name: comparable(getattr(value, each.name)) for each in fields(Address)}
    found = Address(**parts | {"country": _country(parts["country"])})
    return None if found == Address() else found


def _country(text: str | None) -> str | None:
    try:
        return text and country_code(text)
    except InvalidValue:
        return text


def _readable(account: PsaAccount, wanted: Mapping[str, Value], region: str | None) -> Edits:
    """In our normal form. An address of which a part cannot be read stays as it is: half of it would be another."""
    named = {name: value if name != "company_name" else value or "" for name, value in wanted.items()}
    changed = replace(account, **named)  # type: ignore[arg-type]  # each field's type is its name's
    taken = taken_over(changed, region)
    unread = {problem.pointer.split("/")[2] for problem in taken.left_out}
    found: Edits = {}
    if "company_name" in wanted and "company_name" not in unread and taken.company_name is not None:
        found["company_name"] = taken.company_name
    if "contact_number" in wanted and "contact_number" not in unread:
        found["contact_number"] = taken.contact_number
    if "company_address" in wanted and "company_address" not in unread:
        found["company_address"] = taken.company_address
    if "reference" in wanted and "reference" not in unread:
        found["reference"] = taken.reference
    return found
