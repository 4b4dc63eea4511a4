"""What every published message is: a frozen model with a CloudEvents type, read leniently and written whole."""

import re
from typing import Annotated, ClassVar, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ID: Final = re.compile(r"[^\s|\x00-\x1f\x7f]{1,100}")


def _printable(value: str) -> str:
    if _CONTROL.search(value):
        raise ValueError("may not hold control characters")
    return value


def _uuid(value: str) -> str:
    try:
        return str(UUID(value))
    except ValueError:
        raise ValueError("must be a UUID") from None


def _opaque_id(value: str) -> str:
    if not _ID.fullmatch(value):
        raise ValueError("must be 1 to 100 visible characters without |")
    return value


Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_printable)]
"""A line of text; a longer one is refused, never cut."""

CompanyName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_printable)
]
UuidText = Annotated[str, AfterValidator(_uuid)]
"""A UUID in its canonical lower-case text."""

OpaqueId = Annotated[str, AfterValidator(_opaque_id)]
"""An id that somebody else made: 1 to 100 visible characters, none of them `|`, which joins ids in keys."""


class Shape(BaseModel):
    """A part of a message. Fields that are not known are ignored, so that a newer producer does no harm."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Message(Shape):
    """A published message; its name is the class's, and its major version is part of its type."""

    VERSION: ClassVar[int] = 1

    @classmethod
    def ce_type(cls) -> str:
        return f"rebilling.{cls.__name__}.v{cls.VERSION}"


class Command(Message):
    """What somebody asks for. `partner_id` is whom it is answered to; without a valid one it cannot be."""

    partner_id: OpaqueId


class Event(Message):
    """What happened."""


class Problem(Shape):
    """One thing that was wrong: where (a JSON Pointer into the data), what (UPPER_SNAKE), and what to do."""

    pointer: str = Field(max_length=300)
    code: str
    detail: str
