"""Fields of ours as HaloPSA takes them: some at the client, the others at its main site."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from psa_sync_svc.adapters.halopsa.errors import PSA, Refusal
from psa_sync_svc.adapters.halopsa.mapping import address_in, country_in_site, name_of_region
from psa_sync_svc.adapters.halopsa.pages import Item
from psa_sync_svc.adapters.halopsa.settings import HalopsaSettings
from psa_sync_svc.adapters.parts import COUNTRY, country_in, parts_of
from psa_sync_svc.adapters.writing import no_country
from psa_sync_svc.domain.fields import Field, FieldValue
from psa_sync_svc.domain.holding import FieldLimits
from psa_sync_svc.workers.psa import FieldsRefused, NotAsked, Permanent, RateLimited, Transient, Unanswered

AT_THE_SITE: Final = frozenset({Field.CONTACT_NUMBER, Field.COMPANY_ADDRESS})
_ADDRESS: Final = "delivery_address"
_KNOWN_BY: Final = ("id", "type", "site_id", "primary")
_CODE: Final = re.compile("[A-Z]{2}")
_LONGEST: Final = {
    "company_name": 255,
    "contact_number": 50,
    "company_address.line1": 255,
    "company_address.line2": 255,
    "company_address.city": 255,
    "company_address.region": 255,
    "company_address.postal_code": 50,
    "reference": 50,
}
"""The vendor publishes none. What is cut nevertheless is noticed in the answer."""
_REASONS: Final = (
    (("length", "exceed", "too long", "truncated", "maximum"), f"{PSA} finds it too long: shorten it"),
    (("required", "missing", "empty"), f"{PSA} does not take it empty: give one"),
)
_NO_SITE: Final = f"the client has no main site in {PSA}, where this is kept: give it one there"


def limits_of(settings: HalopsaSettings) -> FieldLimits:
    return FieldLimits(longest={**_LONGEST, **settings.longest}, required=frozenset({"company_name"}))


def client_of(number: int, values: Mapping[Field, FieldValue], settings: HalopsaSettings) -> dict[str, Any] | None:
    """What is to be written of the client. None: nothing."""
    names = {Field.COMPANY_NAME: "name", Field.REFERENCE: settings.reference_field}
    found = {names[field]: values[field] or "" for field in names if field in values}
    return {"id": number, **found} if found else None


def site_of(site: Item, values: Mapping[Field, FieldValue], settings: HalopsaSettings) -> dict[str, Any]:
    """What is to be written of the main site. An address goes whole, with what it is known by: whether one that is
    sent in part is merged is not known. Raises `FieldsRefused` for a country that it has no code for."""
    texts = {part: text or "" for part, text in parts_of(values)}
    entry: dict[str, Any] = {"id": site["id"]}
    if "contact_number" in texts:
        entry["phonenumber"] = texts.pop("contact_number")
    if texts.pop(COUNTRY, None) is None:
        return entry
    known_by = {name: value for name, value in address_in(site).items() if name in _KNOWN_BY}
    lines = {_line(part, settings): text for part, text in texts.items() if part.startswith("company_address.")}
    return entry | _country(site, country_in(values)) | {_ADDRESS: known_by | lines}


def without_site(values: Mapping[Field, FieldValue]) -> FieldsRefused:
    return FieldsRefused({field: _NO_SITE for field in values if field in AT_THE_SITE})


def explained(refusal: Refusal, wanted: Iterable[Field], settings: HalopsaSettings) -> Permanent:
    found = {_field(mistake.path, settings): mistake.text for mistake in reversed(refusal.mistakes)}
    refused = {field: _reason(found[field]) for field in wanted if field in found}
    return FieldsRefused(refused) if refused else refusal


def half_made(error: Transient) -> Transient:
    """What a failure at the site means when the client was changed already; a limit stays one, with its time, and what
    we held up ourselves stays that."""
    if isinstance(error, RateLimited | NotAsked):
        return error
    return Unanswered(f"{PSA} changed the client, and perhaps not yet its site: {error.detail}")


def kept(answer: Any, sent: Mapping[str, Any], settings: HalopsaSettings) -> bool:
    """Whether the answer to a change shows the record that was meant; one comes by itself, or alone in an array.

    Raises `FieldsRefused` where a text was cut, or passed over.
    """
    shown = answer[0] if isinstance(answer, list) and len(answer) == 1 else answer
    if not isinstance(shown, dict) or shown.get("id") != sent["id"]:
        return False
    cut = {_field(path, settings) for path in _cut(shown, sent)}
    if cut:
        detail = f"{PSA} did not keep the whole of it: shorten it"
        raise FieldsRefused({field: detail for field in Field if field in cut})
    return True


def _cut(shown: Mapping[str, Any], sent: Mapping[str, Any], at: str = "") -> Iterator[str]:
    for name, text in sent.items():
        there = shown.get(name)
        if isinstance(text, dict) and isinstance(there, dict):
            yield from _cut(there, text, f"{at}{name}.")
        elif isinstance(text, str) and isinstance(there, str) and _is_cut(there.strip(), text.strip()):
            yield f"{at}{name}"


def _is_cut(there: str, sent: str) -> bool:
    return there != sent and sent.startswith(there)


def _country(site: Item, country: str | None) -> dict[str, str]:
    """By its code; one that has none here stays as it is where it is the one that is there."""
    if country is None or _CODE.fullmatch(country):
        return {"country_code": country or ""}
    if country == country_in_site(site):
        return {}
    raise no_country(PSA, country)


def _line(part: str, settings: HalopsaSettings) -> str:
    name = part.rpartition(".")[2]
    others = {"city": settings.city_line, "region": name_of_region(settings), "postal_code": "postcode"}
    return others.get(name, name)


def _field(path: str, settings: HalopsaSettings) -> Field | None:
    """Whose value stands at that path of a client or a site."""
    name = path.partition(".")[0].casefold()
    names = {
        "name": Field.COMPANY_NAME,
        settings.reference_field: Field.REFERENCE,
        "phonenumber": Field.CONTACT_NUMBER,
        "country_code": Field.COMPANY_ADDRESS,
        _ADDRESS: Field.COMPANY_ADDRESS,
    }
    return names.get(name)


def _reason(text: str) -> str:
    found = (reason for words, reason in _REASONS if any(word in text for word in words))
    return next(found, f"{PSA} does not take this value")
