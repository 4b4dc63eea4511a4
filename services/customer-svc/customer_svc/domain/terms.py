"""When an invoice of a customer is due, as the customer's own terms say; computing the date is invoice-svc's work."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class DueOnReceipt:
    kind: Literal["due_on_receipt"] = "due_on_receipt"


@dataclass(frozen=True, slots=True)
class Net:
    days: int
    kind: Literal["net"] = "net"


@dataclass(frozen=True, slots=True)
class EndOfMonth:
    kind: Literal["end_of_month"] = "end_of_month"


@dataclass(frozen=True, slots=True)
class NetEndOfMonth:
    """Days after the end of the invoice's month."""

    days: int
    kind: Literal["net_end_of_month"] = "net_end_of_month"


@dataclass(frozen=True, slots=True)
class DaysEndOfMonth:
    """The end of the month in which the days have passed."""

    days: int
    kind: Literal["days_end_of_month"] = "days_end_of_month"


@dataclass(frozen=True, slots=True)
class DayOfMonth:
    """A day of the month `months` later; one month more for invoices after the `cutoff` day."""

    day: int
    months: int
    cutoff: int | None = None
    kind: Literal["day_of_month"] = "day_of_month"


PaymentTerms = DueOnReceipt | Net | EndOfMonth | NetEndOfMonth | DaysEndOfMonth | DayOfMonth
