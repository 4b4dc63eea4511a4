"""The fields that a customer and its account in a PSA have in common, in one form however either side writes them."""

from collections.abc import Mapping
from typing import Any, Final

SYNCED: Final = ("company_name", "contact_number", "company_address", "reference")
PARTS: Final = ("line1", "line2", "city", "region", "postal_code", "country")
_CODES: Final = {"Netherlands": "NL"}
"""Of the countries that the stories are in."""


def plain(field: str, value: Any) -> Any:
    """Nothing is None; a telephone number is international, or none that anybody could call."""
    if field == "company_address":
        parts = {part: _text((value or {}).get(part)) for part in PARTS}
        parts["country"] = _CODES.get(parts["country"] or "", parts["country"])
        return parts if any(parts.values()) else None
    if field == "contact_number":
        return _number(value)
    return _text(value) if field in SYNCED else value


def plain_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(name, value) for name, value in fields.items()}


def readable(field: str, value: Any) -> bool:
    """What a PSA holds in a field for numbers may be no number: here it is none then."""
    return field != "contact_number" or not value or plain(field, value) is not None


def _text(value: str | None) -> str | None:
    return (value or "").strip() or None


def _number(text: str | None) -> str | None:
    if not (text or "").startswith("+"):
        return None
    return "+" + "".join(letter for letter in text or "" if letter.isdecimal())
