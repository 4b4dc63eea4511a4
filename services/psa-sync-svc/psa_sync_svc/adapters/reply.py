"""What any PSA's answer may turn out to be. No text of an answer is passed on: it may repeat what was sent.

    Transient
    ├── Away          between us and the application: asking again at once is safe where nothing is changed
    ├── Busy          the application says that it did nothing, and may later: its records are locked
    └── RateLimited
    AuthFailed
    Permanent
    ├── Foreign       the answer is none of this API's
    ├── Nowhere       there is nothing at this address
    └── Missing       the application says that there is no such record (the port's own)

`psa` is the vendor's name, for the person who reads the error.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from psa_sync_svc.workers.psa import Permanent, PsaError, Transient

RETRIED: Final = frozenset({408, 502, 503, 504})
_LONGEST_S: Final = 3600.0


class Busy(Transient):
    pass


class Foreign(Permanent):
    pass


class Nowhere(Permanent):
    pass


@dataclass(frozen=True, slots=True)
class Reply:
    """`link`: the header that names further pages."""

    status: int
    content_type: str
    retry_after: str | None
    content: bytes
    link: str = ""

    def json(self) -> Any:
        """Raises `ValueError`."""
        try:
            return json.loads(self.content)
        except RecursionError as error:
            raise ValueError from error


def waiting_time(retry_after: str | None) -> float | None:
    """Seconds of a `Retry-After`, from its number or its date, between 1 and 3,600; None: it names no time."""
    if retry_after is None:
        return None
    try:
        if retry_after.strip().isdecimal():
            seconds = float(retry_after)
        else:
            until = parsedate_to_datetime(retry_after)
            seconds = (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 1.0), _LONGEST_S)


def unreadable(reply: Reply, psa: str) -> PsaError:
    """A page or half an answer may be another one next time; whole JSON of another shape is another API."""
    if "html" in reply.content_type or reply.content.lstrip()[:1] == b"<":
        return Transient(f"{psa} answered with a page where data was asked for")
    try:
        reply.json()
    except ValueError:
        return Transient(f"{psa}'s answer was cut off or is no JSON")
    return foreign(psa)


def foreign(psa: str) -> Foreign:
    return Foreign(f"the answer is not one of {psa}'s API: check base_url")


def redirected(status: int, psa: str) -> Permanent:
    return Permanent(f"{psa} answered with a redirect (HTTP {status}), which is not followed: check base_url")
