"""The shapes that messages of more than one owner share: addresses, payment terms, synced values."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from shared.contracts.base import Shape
from shared.contracts.forms import DayNumber, Days, Months, OptionalText, Text


class PsaAddress(Shape):
    """An address as a PSA has it: of any length, the country in any spelling."""

    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None


class Address(PsaAddress):
    """`country` is ISO 3166 alpha-2; whether there is such a country is the business rules' to say."""

    line1: OptionalText = None
    line2: OptionalText = None
    city: OptionalText = None
    region: OptionalText = None
    postal_code: OptionalText = None
    country: OptionalText = None


class DueOnReceipt(Shape):
    kind: Literal["due_on_receipt"] = "due_on_receipt"


class Net(Shape):
    kind: Literal["net"] = "net"
    days: Days


class EndOfMonth(Shape):
    kind: Literal["end_of_month"] = "end_of_month"


class NetEndOfMonth(Shape):
    """Days after the end of the invoice's month."""

    kind: Literal["net_end_of_month"] = "net_end_of_month"
    days: Days


class DaysEndOfMonth(Shape):
    """The end of the month in which the days have passed."""

    kind: Literal["days_end_of_month"] = "days_end_of_month"
    days: Days


class DayOfMonth(Shape):
    """A day of the month that is `months` later, one more for invoices after the `cutoff` day."""

    kind: Literal["day_of_month"] = "day_of_month"
    day: DayNumber
    months: Months = 1
    cutoff: DayNumber | None = None


PaymentTerms = Annotated[
    DueOnReceipt | Net | EndOfMonth | NetEndOfMonth | DaysEndOfMonth | DayOfMonth, Field(discriminator="kind")
]
TERM_KINDS = frozenset(
    {"due_on_receipt", "net", "end_of_month", "net_end_of_month", "days_end_of_month", "day_of_month"}
)


def _value_tag(value: object) -> str:
    return "<text>" if isinstance(value, str) else "<address>"


FieldValue = Annotated[Annotated[Text, Tag("<text>")] | Annotated[Address, Tag("<address>")], Discriminator(_value_tag)]
"""The value of a synced field: a text or an address."""
