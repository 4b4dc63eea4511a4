"""When an invoice is due: the six kinds of payment terms, reckoned on dates alone."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
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
    """A day of the month `months` later; one month more for invoices after the `cutoff` day.

    A day that the month does not have becomes its last one, and never runs over into the next.
    """

    day: int
    months: int = 1
    cutoff: int | None = None
    kind: Literal["day_of_month"] = "day_of_month"


PaymentTerms = DueOnReceipt | Net | EndOfMonth | NetEndOfMonth | DaysEndOfMonth | DayOfMonth


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a reckoning, in words, and the date that it arrives at."""

    rule: str
    date: date


def due_date(terms: PaymentTerms, issued: date) -> date:
    return reckon(terms, issued)[-1].date


def reckon(terms: PaymentTerms, issued: date) -> tuple[Step, ...]:
    """Each step from the issue date to the due date, which is the last one's."""
    start = Step("the issue date, in the partner's time zone", issued)
    match terms:
        case DueOnReceipt():
            return (start, Step("due on receipt: the issue date itself", issued))
        case Net(days):
            return (start, _plus(start, days))
        case EndOfMonth():
            return (start, _end_of_month(start))
        case NetEndOfMonth(days):
            return (start, end := _end_of_month(start), _plus(end, days))
        case DaysEndOfMonth(days):
            return (start, later := _plus(start, days), _end_of_month(later))
        case DayOfMonth():
            return (start, *_day_of_month(terms, issued))


def _plus(step: Step, days: int) -> Step:
    return Step(f"{days} days later", step.date + timedelta(days=days))


def _end_of_month(step: Step) -> Step:
    return Step("the last day of that month", _day_in(step.date.year, step.date.month, 31))


def _day_of_month(terms: DayOfMonth, issued: date) -> tuple[Step, ...]:
    months, told = terms.months, f"day {terms.day} of the month {terms.months} months after the invoice's"
    if terms.cutoff is not None and issued.day > terms.cutoff:
        months, told = months + 1, f"{told}, and one more since the invoice is after day {terms.cutoff}"
    steps = [Step(told, _day_after(issued, months, terms.day))]
    while steps[-1].date < issued:
        months += 1
        steps.append(Step("a month later, since that is before the issue date", _day_after(issued, months, terms.day)))
    return tuple(steps)


def _day_after(issued: date, months: int, day: int) -> date:
    years, month = divmod(issued.month - 1 + months, 12)
    return _day_in(issued.year + years, month + 1, day)


def _day_in(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))
