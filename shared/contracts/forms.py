"""The forms of single values in a message: ids, texts, amounts, dates; strict for commands, trusting for events."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    StrictInt,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

PRINTABLE: Final = r"^[^\x00-\x1f\x7f-\x9f]*$"
"""No control characters, so no line breaks: every text of a command is one line."""

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_FIRST_DAY, _LAST_DAY = date(1970, 1, 1), date(2999, 12, 31)
_DECIMAL: Final = r"^-?\d{1,12}(\.\d{1,6})?$"
_PLAIN: Final = re.compile(_DECIMAL, re.ASCII)
_ID_MAX: Final = 100
_VISIBLE: Final = r"^[^\s|\x00-\x1f\x7f-\x9f]{1,100}$"
_NAMED: Final = re.compile(r"[^\s|\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,100}")


def is_partner_id(value: object) -> bool:
    """Whether a command with this `partner_id` could be answered: 1 to 100 visible characters, no `|`."""
    return isinstance(value, str) and _NAMED.fullmatch(value) is not None


def _canonical(value: str) -> str:
    if _UUID.fullmatch(value):
        return value
    try:
        return str(UUID(value))
    except ValueError:
        raise PydanticCustomError("invalid", "the id must be a UUID") from None


def _plain_decimal(value: Any) -> Any:
    """Take a number only as it was written out: `1E2`, ` 1` and NaN are refused, and so is what is no number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise PydanticCustomError("invalid", 'must be a decimal number in a string, such as "10.00"')
    text = value if isinstance(value, str) else format(Decimal(str(value)), "f")
    if not _PLAIN.fullmatch(text):
        raise PydanticCustomError(
            "invalid",
            'must be a decimal number such as "10.00", with at most 12 digits before the point and 6 after it',
        )
    return text


def _exact(value: Any) -> Any:
    if isinstance(value, float):
        raise PydanticCustomError(
            "invalid", 'money must be a string such as "10.00": a JSON number with a fraction is not exact'
        )
    return _plain_decimal(value)


def _day(value: Any) -> Any:
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise PydanticCustomError("invalid", "a date is written YYYY-MM-DD")
    if not isinstance(value, str | date):
        raise PydanticCustomError("invalid", "a date is a string, written YYYY-MM-DD")
    return value


def _billable_day(value: date) -> date:
    if not _FIRST_DAY <= value <= _LAST_DAY:
        raise PydanticCustomError("invalid", f"must be a date from {_FIRST_DAY} to {_LAST_DAY}")
    return value


def _none_if_blank(value: str) -> str | None:
    return value or None


def _written(told: str) -> WithJsonSchema:
    """What the pattern leaves open, in words: a narrower pattern would break what was published."""
    return WithJsonSchema(_decimal_schema | {"description": told})


_string = StringConstraints(strip_whitespace=True, max_length=200, pattern=PRINTABLE)
_named_id = StringConstraints(min_length=1, max_length=_ID_MAX, pattern=_VISIBLE)
_uuid_schema = WithJsonSchema({"type": "string", "format": "uuid"})
_decimal_schema = {"type": "string", "pattern": _DECIMAL}
_time_schema = WithJsonSchema({"type": "string", "format": "date-time"})

PartnerId = Annotated[str, _named_id]
AccountId = Annotated[str, _named_id]
"""An account's id as the PSA has it; like a partner's, it has no spaces and no `|`, so that ids can be joined by it."""
RequestId = Annotated[str, Field(min_length=1, max_length=_ID_MAX, pattern=PRINTABLE)]
Id = Annotated[str, Field(max_length=_ID_MAX), AfterValidator(_canonical), _uuid_schema]
"""A UUID in any spelling, kept as canonical lower-case text."""

Text = Annotated[str, _string]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=PRINTABLE)]
OptionalText = Annotated[str, _string, AfterValidator(_none_if_blank)] | None
"""Blank is the same as null: what a form sends for a line that was left empty."""
Description = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000, pattern=PRINTABLE)]
CurrencyCode = Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[A-Za-z]{3}$")]

Version = Annotated[StrictInt, Field(ge=1, le=2**53 - 1)]
"""No larger than what every reader of JSON takes exactly, and every store."""
Days = Annotated[StrictInt, Field(ge=0, le=999)]
DayNumber = Annotated[StrictInt, Field(ge=1, le=31)]
Months = Annotated[StrictInt, Field(ge=0, le=99)]
Day = Annotated[date, BeforeValidator(_day), AfterValidator(_billable_day)]

UnitPrice = Annotated[
    Decimal,
    BeforeValidator(_exact),
    Field(decimal_places=4, max_digits=16),
    _written("at most 4 decimals; below zero: a credit"),
]
Amount = Annotated[
    Decimal,
    BeforeValidator(_exact),
    Field(gt=0, decimal_places=4, max_digits=16),
    _written("more than zero, with the decimals of the currency"),
]
Quantity = Annotated[
    Decimal,
    BeforeValidator(_plain_decimal),
    Field(ge=0, decimal_places=6),
    _written("zero or more, at most 6 decimals"),
]
TaxRate = Annotated[
    Decimal, BeforeValidator(_plain_decimal), Field(ge=0, le=1, decimal_places=6), _written("0 to 1: 0.1 is 10 %")
]

SaidDecimal = Annotated[
    Decimal, PlainSerializer(lambda value: format(value, "f"), return_type=str), WithJsonSchema(_decimal_schema)
]
"""An amount, quantity or rate in an event, written out."""
SaidId = Annotated[str, _uuid_schema]
SaidTime = Annotated[str, _time_schema]
"""RFC 3339 in UTC."""
