"""How a moment is written, in messages, documents and answers: RFC 3339 in UTC with a `Z`."""

from datetime import datetime


def stamp(moment: datetime) -> str:
    """`moment` is aware and in UTC; microseconds are left out where there are none."""
    return moment.isoformat().replace("+00:00", "Z")
