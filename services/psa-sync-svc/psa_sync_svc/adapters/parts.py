"""Fields to be written, taken apart into the texts that a PSA has fields for."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Final

from psa_sync_svc.domain.account import Address
from psa_sync_svc.domain.fields import Field, FieldValue

COUNTRY: Final = "company_address.country"


def parts_of(values: Mapping[Field, FieldValue]) -> Iterator[tuple[str, str | None]]:
    """The texts by canonical part, such as `company_address.line1`; None empties. An address has all its parts."""
    for field, value in values.items():
        if field is Field.COMPANY_ADDRESS:
            address = value if isinstance(value, Address) else Address()
            for part in fields(Address):
                yield f"{field}.{part.name}", _text(getattr(address, part.name))
        else:
            yield field, _text(value)


def country_in(values: Mapping[Field, FieldValue]) -> str | None:
    """The country of the address that is to be written."""
    return dict(parts_of(values)).get(COUNTRY)


def field_of(part: str) -> Field:
    return Field(part.partition(".")[0])


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None
