"""What an account's fields say in our form, and which of them cannot be taken over as they stand there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

from psa_sync_svc.domain.account import Address, PsaAccount
from psa_sync_svc.domain.fields import Field, FieldValue
from psa_sync_svc.domain.values import Values
from shared.engine.decision import Problem
from shared.values.country import country_code
from shared.values.errors import InvalidValue
from shared.values.phone import e164
from shared.values.texts import one_line

LONGEST: Final = 200
"""What a customer can hold of a text, or of a part of an address."""

_NAMES: Final = tuple(each.name for each in fields(Address))


@dataclass(frozen=True, slots=True)
class Taken:
    """`values`: in our form; of what is named in `unread` as it stands there. A pointer begins at the field."""

    values: Values
    unread: Mapping[Field, Problem]


def taken(account: PsaAccount, region: str | None) -> Taken:
    """A national telephone number is one of the address's country, or else of `region`, the deployment's."""
    shown: dict[Field, FieldValue] = {
        Field.COMPANY_ADDRESS: account.company_address,
        Field.COMPANY_NAME: account.company_name,
        Field.CONTACT_NUMBER: account.contact_number,
        Field.REFERENCE: account.reference,
    }
    values, unread, home = Values(), dict[Field, Problem](), region
    for field, value in shown.items():
        found, problem = in_our_form(field, value, home)
        values = values.having(field, found)
        if problem is not None:
            unread[field] = problem
        if isinstance(found, Address) and problem is None:
            home = found.country or region
    return Taken(values, unread)


def in_our_form(field: Field, value: FieldValue, region: str | None) -> tuple[FieldValue, Problem | None]:
    """The value as customer-svc keeps it, or what is wrong with it. The rules are customer-svc's own."""
    if isinstance(value, Address):
        return _address(field, value)
    text = one_line(value)
    if text is None:
        wrong = Problem(f"/{field}", "REQUIRED", "a customer needs a name") if field is Field.COMPANY_NAME else None
        return None, wrong
    if field is Field.CONTACT_NUMBER:
        return _read(text, f"/{field}", lambda: e164(text, region))
    return text, _too_long(text, f"/{field}")


def _address(field: Field, value: Address) -> tuple[Address | None, Problem | None]:
    """One part that cannot be taken leaves the whole address where it is: half of one would be another address."""
    found = Address(**{name: one_line(getattr(value, name)) for name in _NAMES})
    if found == Address():
        return None, None
    for name in _NAMES:
        if (problem := _too_long(getattr(found, name), f"/{field}/{name}")) is not None:
            return found, problem
    country = found.country
    if country is None:
        return found, None
    code, problem = _read(country, f"/{field}/country", lambda: country_code(country))
    return replace(found, country=code), problem


def _read(text: str, at: str, reader: Callable[[], str]) -> tuple[str, Problem | None]:
    try:
        return reader(), None
    except InvalidValue as error:
        return text, Problem(at, error.code, error.detail)


def _too_long(text: str | None, at: str) -> Problem | None:
    if text is None or len(text) <= LONGEST:
        return None
    return Problem(at, "TOO_LONG", f"has more than {LONGEST} characters; shorten it in the PSA")
