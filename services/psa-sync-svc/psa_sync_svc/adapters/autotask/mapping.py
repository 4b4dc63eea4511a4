"""A company of Autotask as an account of ours."""

from collections.abc import Mapping
from typing import Any, Final

from psa_sync_svc.adapters.autotask.errors import PSA
from psa_sync_svc.adapters.values import earlier, id_in, text_in, time_of
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


def account_of(company: Mapping[str, Any], countries: Mapping[int, str]) -> PsaAccount:
    """A company has no e-mail address of its own, so there is no `email_hint`.

    Raises `Permanent` where `company` is none.
    """
    number, active = id_in(company, PSA), company.get("isActive")
    return PsaAccount(
        account_id=str(number),
        company_name=_text(company, "companyName") or "",
        contact_number=_text(company, "phone"),
        company_address=_address(company, countries),
        reference=_text(company, "companyNumber"),
        active=active is not False,
        modified_at=time_of(company.get("lastTrackedModifiedDateTime")) or time_of(company.get("createDate")),
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
    return text_in(company, name, PSA)


def asked_since(moment: str, overlap_s: float) -> str:
    """A time as Autotask takes it, so much earlier. Raises `ValueError`."""
    return earlier(moment, overlap_s).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
