"""Fields of ours as Autotask takes them, and what a refusal of them is about."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from psa_sync_svc.adapters.autotask.company_fields import NAMES
from psa_sync_svc.adapters.autotask.errors import PSA, Refusal
from psa_sync_svc.adapters.parts import COUNTRY, field_of, parts_of
from psa_sync_svc.domain.fields import Field, FieldValue
from psa_sync_svc.workers.psa import FieldsRefused, Permanent

_REASONS: Final = (
    (("length", "exceed", "too long", "maximum"), f"{PSA} finds it too long: shorten it"),
    (("required", "missing", "empty"), f"{PSA} does not take it empty: give one"),
)


def body_of(number: int, values: Mapping[Field, FieldValue], country: int | None) -> dict[str, Any]:
    """What a PATCH of the company says: null empties a field, and what is not named stays. `country`: the id of the
    address's."""
    return {"id": number} | {NAMES[part]: country if part == COUNTRY else text for part, text in parts_of(values)}


def explained(refusal: Refusal, wanted: Iterable[Field], known: Sequence[str]) -> Permanent:
    """The fields that the texts name. One that was not sent is named in the detail: the record there is at fault, and
    is refused whatever is sent. `known`: the names of all fields of a company."""
    refused = {field: reason for field in wanted if (reason := _reason(field, refusal.texts)) is not None}
    if refused:
        return FieldsRefused(refused)
    told = (name for name in known if name != "id" and any(_names(text, name) for text in refusal.texts))
    others = ", ".join(told)
    if others:
        return Permanent(f"{PSA} refuses every change of this company because of its {others}: correct it there")
    return refusal


def _reason(field: Field, texts: Sequence[str]) -> str | None:
    names = [name for part, name in NAMES.items() if field_of(part) is field]
    about = [text for text in texts if any(_names(text, name) for name in names)]
    if not about:
        return None
    found = (reason for words, reason in _REASONS if any(word in text for text in about for word in words))
    return next(found, f"{PSA} does not take this value")


def _names(text: str, name: str) -> bool:
    return re.search(rf"\b{re.escape(name.casefold())}\b", text) is not None
