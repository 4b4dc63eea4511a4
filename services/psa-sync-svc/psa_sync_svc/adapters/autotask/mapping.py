"""A company of Autotask as an account of ours."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from psa_sync_svc.adapters.autotask.errors import foreign
from psa_sync_svc.domain.account import Address, PsaAccount

FIELDS: Final = (
    "id",
    "companyName",
    "companyNumber",
    "phone",
    "address1",
    "address2",
    "city",
    "state",
    "postalCode",
    "countryID",
    "isActive",
    "createDate",
    "lastTrackedModifiedDateTime",
)
_LARGEST_ID: Final = 2**63 - 1


def number_of(account_id: str) -> int | None:
    """The id as Autotask has it; None for what is not written as one, so that no company has two names."""
    if not (account_id.isascii() and account_id.isdecimal() and len(account_id) <= 19):
        return None
    number = int(account_id)
    return number if str(number) == account_id and number <= _LARGEST_ID else None


def account_of(company: Mapping[str, Any], countries: Mapping[int, str]) -> PsaAccount:
    """A company has no e-mail address of its own, so there is no `email_hint`.

    Raises `Permanent` where `company` is none.
    """
    number, active = company.get("id"), company.get("isActive")
    if not isinstance(number, int) or isinstance(number, bool):
        raise foreign()
    return PsaAccount(
        account_id=str(number),
        company_name=_text(company, "companyName") or "",
        contact_number=_text(company, "phone"),
        company_address=_address(company, countries),
        reference=_text(company, "companyNumber"),
        active=active is not False,
        modified_at=_time(company.get("lastTrackedModifiedDateTime")) or _time(company.get("createDate")),
    )


def country_of(company: Mapping[str, Any]) -> int | None:
    number = company.get("countryID")
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _address(company: Mapping[str, Any], countries: Mapping[int, str]) -> Address | None:
    country = country_of(company)
    found = Address(
        line1=_text(company, "address1"),
        line2=_text(company, "address2"),
        city=_text(company, "city"),
        region=_text(company, "state"),
        postal_code=_text(company, "postalCode"),
        country=None if country is None else countries.get(country) or None,
    )
    return None if found == Address() else found


def _text(company: Mapping[str, Any], name: str) -> str | None:
    """Empty and null come without a system; both are None."""
    value = company.get(name)
    if value is not None and not isinstance(value, str):
        raise foreign()
    return value if value and value.strip() else None


def _time(given: Any) -> str | None:
    """UTC, mostly without saying so, with any number of digits; answered in RFC 3339 with six."""
    try:
        moment = datetime.fromisoformat(given)
    except (ValueError, TypeError):
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def asked_since(moment: str, overlap_s: float) -> str:
    """A time as Autotask takes it, so much earlier: changes there are stamped out of order. Raises `ValueError`."""
    since = datetime.fromisoformat(moment).astimezone(UTC).timestamp() - overlap_s
    return datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
