"""What a partner has settled for all its invoices: terms, time zone, currency, numbers, sender."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from invoice_svc.domain.amounts import exponent_of
from invoice_svc.domain.terms import Net, PaymentTerms
from shared.engine.decision import Decision, refuse

DEFAULT_TERMS: Final = Net(30)
"""Thirty days: what most of the field's products begin with."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who mails: the name and the address in the mail's From."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Settings:
    """One per partner. `next_number`: the next number drawn is at least this one. `sender` None: the deployment's."""

    partner_id: str
    payment_terms: PaymentTerms = DEFAULT_TERMS
    time_zone: str = "UTC"
    currency: str = "AUD"
    number_prefix: str = "INV-"
    next_number: int = 1
    sender: Sender | None = None
    version: int = 0
    created_at: str = ""
    updated_at: str = ""

    @property
    def told_version(self) -> int:
        """The version that the world sees: the defaults, which nobody put, are its first."""
        return self.version + 1


def put_settings(known: Settings | None, wanted: Settings, *, expected: int | None) -> Decision[Settings, object]:
    """Replace them; invoices that are made later go by them. Putting the same changes nothing."""
    found = known or Settings(wanted.partner_id)
    if expected is not None and expected != found.told_version:
        raise refuse("", "VERSION_MISMATCH", f"the settings are at version {found.told_version}; read them again")
    exponent_of(wanted.currency)
    _zone(wanted.time_zone)
    kept = replace(wanted, version=found.version, created_at=found.created_at, updated_at=found.updated_at)
    return Decision(found) if known is not None and kept == found else Decision(kept)


def local_day(now: datetime, time_zone: str) -> date:
    """The day that it is there."""
    return now.astimezone(ZoneInfo(time_zone)).date()


def _zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise refuse("/time_zone", "INVALID", "must be a zone of the IANA database, such as Australia/Sydney") from None
