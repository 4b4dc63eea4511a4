"""A company of ConnectWise as an account of ours."""

from collections.abc import Mapping, Set
from typing import Any

from psa_sync_svc.adapters.connectwise.errors import PSA, foreign
from psa_sync_svc.adapters.values import country_named, earlier, id_in, text_in, time_of
from psa_sync_svc.domain.account import Address, PsaAccount

Company = Mapping[str, Any]


def account_of(company: Company, inactive: Set[int], *, reference_field: str) -> PsaAccount:
    """Raises `Permanent` where `company` is none. A key without a value may be absent."""
    return PsaAccount(
        account_id=str(id_in(company, PSA)),
        company_name=text_in(company, "name", PSA) or "",
        contact_number=text_in(company, "phoneNumber", PSA),
        company_address=_address(company),
        reference=text_in(company, reference_field, PSA),
        email_hint=text_in(company, "invoiceToEmailAddress", PSA),
        active=not is_deleted(company) and status_of(company) not in inactive,
        modified_at=time_of(_object(company, "_info").get("lastUpdated")),
    )


def is_deleted(company: Company) -> bool:
    return company.get("deletedFlag") is True


def status_of(company: Company) -> int | None:
    number = _object(company, "status").get("id")
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def asked_since(moment: str, overlap_s: float, *, without_zone: bool) -> str:
    """A time as conditions take it, so much earlier. Raises `ValueError`."""
    written = earlier(moment, overlap_s).strftime("%Y-%m-%dT%H:%M:%S")
    return f"[{written}]" if without_zone else f"[{written}Z]"


def _address(company: Company) -> Address | None:
    country = _object(company, "country")
    found = Address(
        line1=text_in(company, "addressLine1", PSA),
        line2=text_in(company, "addressLine2", PSA),
        city=text_in(company, "city", PSA),
        region=text_in(company, "state", PSA),
        postal_code=text_in(company, "zip", PSA),
        country=country_named(country.get(name) for name in ("identifier", "name")) or None,
    )
    return None if found == Address() else found


def _object(company: Company, name: str) -> Mapping[str, Any]:
    value = company.get(name)
    if value is not None and not isinstance(value, dict):
        raise foreign()
    return value or {}
