"""When two values of a field are the same: how each side writes one does not count."""

from dataclasses import fields
from typing import Final

from psa_sync_svc.domain.account import Address
from psa_sync_svc.domain.fields import FieldValue
from shared.values.country import country_code
from shared.values.errors import InvalidValue
from shared.values.texts import comparable

_PARTS: Final = tuple(each.name for each in fields(Address) if each.name != "country")


def alike(one: FieldValue, other: FieldValue) -> bool:
    """Spaces around and between words, line breaks, the two ways to encode an accent, a country's code or name, and
    whether nothing is null or empty: none of these is a difference. Letters' case is."""
    return one == other or normal(one) == normal(other)


def normal(value: FieldValue) -> FieldValue:
    """The one form of all values that are alike."""
    if isinstance(value, Address):
        found = Address(**{name: comparable(getattr(value, name)) for name in _PARTS}, country=_country(value.country))
        return None if found == Address() else found
    return comparable(value)


def is_empty(value: FieldValue) -> bool:
    return normal(value) is None


def _country(text: str | None) -> str | None:
    found = comparable(text)
    try:
        return found and country_code(found)
    except InvalidValue:
        return found
