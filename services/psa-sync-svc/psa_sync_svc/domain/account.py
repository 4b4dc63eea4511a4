"""An account as a PSA has it, in our names."""

from dataclasses import dataclass, fields, replace
from typing import Final

_LONGEST: Final = 1_000
"""No PSA shows longer names; beyond what a customer may have, so that what was cut is still refused as too long."""


@dataclass(frozen=True, slots=True)
class Address:
    """Every part as the PSA writes it; `country` is ISO 3166 alpha-2 where the PSA's own country could be looked up,
    else its name there."""

    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class PsaAccount:
    """Texts are as the PSA has them, but for the empty one, which is None: "" and null are the same thing.

    `email_hint`: an address that the PSA holds somewhere near the account, never taken over by itself.
    `modified_at`: RFC 3339 in UTC.
    """

    account_id: str
    company_name: str
    contact_number: str | None = None
    company_address: Address | None = None
    reference: str | None = None
    email_hint: str | None = None
    active: bool = True
    modified_at: str | None = None


def as_text(account: PsaAccount) -> PsaAccount:
    """The account with everything in it storable, and short enough to be said in a message: half a character, which
    JSON can carry, is replaced, and texts end after 1,000 letters."""
    address = account.company_address
    return replace(
        account,
        account_id=_whole(account.account_id),
        company_name=_whole(account.company_name[:_LONGEST]),
        contact_number=_or_none(account.contact_number),
        company_address=address and Address(*(_or_none(getattr(address, each.name)) for each in fields(Address))),
        reference=_or_none(account.reference),
        email_hint=_or_none(account.email_hint),
        modified_at=_or_none(account.modified_at),
    )


def with_field(account: PsaAccount, field: str, value: str | Address | None) -> PsaAccount:
    """The account where one of its fields, by name, was set."""
    changes = {field: value or "" if field == "company_name" else value}
    return replace(account, **changes)  # type: ignore[arg-type]  # the name says which type its value has


def _or_none(text: str | None) -> str | None:
    return None if text is None else _whole(text[:_LONGEST])


def _whole(text: str) -> str:
    return text.encode(errors="replace").decode()
