"""What was wrong with a message's data, told without repeating it: the value may be personal."""

from typing import Any, Final

from pydantic import ValidationError

_CODES: Final = {
    "missing": "REQUIRED",
    "string_too_long": "TOO_LONG",
    "too_long": "TOO_LONG",
    "string_too_short": "REQUIRED",
    "extra_forbidden": "UNKNOWN_FIELD",
}


def problems_of(error: ValidationError) -> list[tuple[str, str, str]]:
    """`(pointer, code, detail)` for each thing that was wrong; the pointer is a JSON Pointer into the data."""
    return [
        (_pointer(found["loc"]), _CODES.get(found["type"], "INVALID"), found["msg"])
        for found in error.errors(include_url=False, include_context=False, include_input=False)
    ]


_TAGS: Final = frozenset(
    {"due_on_receipt", "net", "end_of_month", "net_end_of_month", "days_end_of_month", "day_of_month"}
)


def _pointer(loc: tuple[Any, ...]) -> str:
    """pydantic names the chosen member of a union in the path; a JSON Pointer knows only the data's own fields."""
    parts = [str(part) for part in loc if part not in _TAGS]
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)
