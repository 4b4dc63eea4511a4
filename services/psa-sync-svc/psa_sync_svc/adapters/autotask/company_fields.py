"""What Autotask tells of a company's fields: how long, which may not be empty, which cannot be changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from psa_sync_svc.adapters.autotask.errors import foreign
from psa_sync_svc.adapters.autotask.session import Session
from psa_sync_svc.domain.holding import FieldLimits

NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "company_name": "companyName",
        "contact_number": "phone",
        "reference": "companyNumber",
        "company_address.line1": "address1",
        "company_address.line2": "address2",
        "company_address.city": "city",
        "company_address.region": "state",
        "company_address.postal_code": "postalCode",
        "company_address.country": "countryID",
    }
)
"""Autotask's names by the canonical parts."""
_LONGEST: Final = {
    "companyName": 100,
    "phone": 25,
    "companyNumber": 50,
    "address1": 128,
    "address2": 128,
    "city": 30,
    "state": 40,
    "postalCode": 10,
}
"""From the metadata of the older SOAP API, where the field itself tells no length."""


@dataclass(frozen=True, slots=True)
class CompanyFields:
    """`names`: of all fields, as Autotask writes them."""

    limits: FieldLimits
    names: tuple[str, ...]


async def ask(session: Session) -> CompanyFields:
    told = (await session.call("Companies", "Companies/entityInformation/fields")).get("fields")
    if not isinstance(told, list) or not all(isinstance(field, dict) for field in told):
        raise foreign()
    by_name = {str(field.get("name", "")).casefold(): field for field in told}
    known = {part: by_name.get(name.casefold(), {}) for part, name in NAMES.items()}
    limits = FieldLimits(
        longest={part: length for part, field in known.items() if (length := _length(NAMES[part], field)) is not None},
        required=frozenset(part for part, field in known.items() if field.get("isRequired") is True),
        read_only=frozenset(part for part, field in known.items() if field.get("isReadOnly") is True),
    )
    return CompanyFields(limits, tuple(str(field.get("name", "")) for field in told))


def _length(name: str, field: Mapping[str, Any]) -> int | None:
    told = field.get("length")
    right = isinstance(told, int) and not isinstance(told, bool) and told > 0
    return told if right and name in _LONGEST else _LONGEST.get(name)
