"""Fields of ours as ConnectWise takes them, how long they may be, and what a refusal of them is about."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from psa_sync_svc.adapters.connectwise.errors import PSA, Mistake, Refusal
from psa_sync_svc.adapters.connectwise.settings import ConnectwiseSettings
from psa_sync_svc.adapters.parts import field_of, parts_of
from psa_sync_svc.domain.fields import Field, FieldValue
from psa_sync_svc.domain.holding import FieldLimits
from psa_sync_svc.workers.psa import FieldsRefused, Permanent

_NAMES: Final = {
    "company_name": "name",
    "contact_number": "phoneNumber",
    "company_address.line1": "addressLine1",
    "company_address.line2": "addressLine2",
    "company_address.city": "city",
    "company_address.region": "state",
    "company_address.postal_code": "zip",
    "company_address.country": "country",
}
_REFERENCE: Final = "reference"
_LONGEST: Final = {
    "company_name": 50,
    "contact_number": 30,
    "company_address.line1": 50,
    "company_address.line2": 50,
    "company_address.city": 50,
    "company_address.region": 50,
    "company_address.postal_code": 12,
    "reference": 50,
}
"""From the vendor's description of the API: the API itself does not tell them. That of `accountNumber` is in no source,
so it is the length of a user-defined field."""
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,60}")
_REASONS: Final = {
    "maxlength": f"{PSA} finds it too long: shorten it",
    "missingrequired": f"{PSA} does not take it empty: give one",
    "objectexists": f"{PSA} has another company with it: give another one",
}


def limits_of(settings: ConnectwiseSettings) -> FieldLimits:
    return FieldLimits(longest={**_LONGEST, **settings.longest}, required=frozenset({"company_name"}))


def operations(
    values: Mapping[Field, FieldValue], country: int | None, *, reference_field: str
) -> list[dict[str, Any]]:
    """A JSON Patch. A text is emptied by an empty one, a reference by its removal. `country`: the id of the
    address's."""
    return [_operation(_named(part, reference_field), text, country) for part, text in parts_of(values)]


def _operation(name: str, text: str | None, country: int | None) -> dict[str, Any]:
    if name != "country":
        return {"op": "replace", "path": name, "value": text or ""}
    if country is None:
        return {"op": "remove", "path": name}
    return {"op": "replace", "path": name, "value": {"id": country}}


def _named(part: str, reference_field: str) -> str:
    return reference_field if part == _REFERENCE else _NAMES[part]


def explained(refusal: Refusal, wanted: Iterable[Field], *, reference_field: str) -> Permanent:
    """The whole record is looked at there with every change: what was not sent may be refused too, and then only a
    person in the PSA can help. Names of fields are told, texts are not."""
    ours = {_named(part, reference_field): field_of(part) for part in (*_NAMES, _REFERENCE)}
    by_field = {ours[each.field]: each for each in reversed(refusal.mistakes) if each.field in ours}
    refused = {field: _reason(by_field[field]) for field in wanted if field in by_field}
    if refused:
        return FieldsRefused(refused)
    others = ", ".join(dict.fromkeys(each.field for each in refusal.mistakes if _NAME.fullmatch(each.field)))
    if others:
        return Permanent(f"{PSA} refuses every change of this company because of its {others}: correct it there")
    return refusal


def _reason(mistake: Mistake) -> str:
    return _REASONS.get(mistake.code.casefold(), f"{PSA} does not take this value")
