"""What was wrong with the form of a message, said to whoever sent it, without repeating what was sent."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from shared.contracts.base import Problem
from shared.contracts.shapes import TERM_KINDS

MOST: Final = 50
"""A message may be wrong in a thousand places; its answer has to stay small."""
_LONGEST: Final = 300

_Error = Mapping[str, Any]


def problems_of(error: ValidationError) -> tuple[Problem, ...]:
    """The problems of a message that could not be validated, with pointers into its data."""
    return problems_in(error.errors(include_url=False))


def problems_in(errors: Iterable[_Error], *, prefix: int = 0) -> tuple[Problem, ...]:
    """The same from pydantic's error details; `prefix` parts of each place are left out first (FastAPI's `body`)."""
    found = list(errors)
    problems = tuple(
        Problem(pointer=_pointer(error, prefix), code=_code(error), detail=_detail(error))
        for error in found
        if not _follows(error, found)
    )
    if len(problems) <= MOST:
        return problems
    more = f"{len(problems) - MOST + 1} more problems were found; mend these first"
    return (*problems[: MOST - 1], Problem(pointer="", code="INVALID", detail=more))


def _follows(error: _Error, errors: Sequence[_Error]) -> bool:
    """A list whose only item was wrong is also reported as too short."""
    place = error["loc"]
    return error["type"] == "too_short" and any(
        len(other["loc"]) > len(place) and other["loc"][: len(place)] == place for other in errors
    )


def _pointer(error: _Error, prefix: int) -> str:
    """The place as a JSON Pointer, without the marks of the alternatives that pydantic tried.

    Names of unknown fields are the sender's, so they are cut, and what is no Unicode in them is replaced.
    """
    place = error["loc"][prefix:]
    parts = [str(part) for at, part in enumerate(place) if not _is_mark(part, last=at == len(place) - 1)]
    if error["type"].startswith("union_tag"):
        parts.append("kind")
    found = "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in parts)
    return found[:_LONGEST].encode(errors="replace").decode()


def _is_mark(part: str | int, *, last: bool) -> bool:
    if isinstance(part, int):
        return False
    return part.startswith("<") or part == "[key]" or (part in TERM_KINDS and not last)


_CODES: Final = {
    "missing": "REQUIRED",
    "union_tag_not_found": "REQUIRED",
    "string_too_short": "REQUIRED",
    "too_short": "REQUIRED",
    "string_too_long": "TOO_LONG",
    "too_long": "TOO_LONG",
    "extra_forbidden": "UNKNOWN_FIELD",
}


def _code(error: _Error) -> str:
    if error["type"].endswith("_type") and error["input"] is None:
        return "REQUIRED"
    return _CODES.get(error["type"], "INVALID")


def _detail(error: _Error) -> str:
    """What was wrong and what to do. Limits and choices are ours and may be named; what was sent may not."""
    if _code(error) == "REQUIRED":
        return "a value is needed here"
    context: Mapping[str, Any] = error.get("ctx") or {}
    made = _DETAILS.get(error["type"])
    if made is not None:
        return made.format(**context)
    return "what was sent cannot be read here" if error["type"] in _QUOTING else str(error["msg"])


_DETAILS: Final = {
    "string_too_long": "at most {max_length} characters are taken",
    "too_long": "at most {max_length} entries are taken",
    "extra_forbidden": "there is no such field here",
    "string_type": "must be a string",
    "string_unicode": "must be valid Unicode",
    "string_pattern_mismatch": "has characters that are not taken here; control characters and line breaks never are",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
    "tuple_type": "must be a list",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "literal_error": "must be one of {expected}",
    "union_tag_invalid": "must be one of {expected_tags}",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "decimal_max_places": "at most {decimal_places} decimal places are taken",
    "decimal_whole_digits": "at most {whole_digits} digits are taken before the point",
    "decimal_max_digits": "at most {max_digits} digits are taken",
    "date_from_datetime_parsing": "there is no such date",
    "json_invalid": "is not valid JSON",
    "json_type": "is not valid JSON",
    "value_error": "is not valid",
}
_QUOTING: Final = frozenset({"assertion_error", "enum", "url_parsing"})
"""Errors of pydantic whose message may repeat what was sent."""
