"""What people typed, made into details that can be relied on; everything that is wrong is named at once."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from customer_svc.domain.customer import Address, Details
from shared.engine.decision import Problem, Refused
from shared.values.country import country_code
from shared.values.email import email_address
from shared.values.errors import InvalidValue
from shared.values.phone import e164

T = TypeVar("T")


class _Reading:
    """Collects what was wrong while the rest is read."""

    def __init__(self, at: str) -> None:
        self._at = at
        self.problems: list[Problem] = []

    def read(self, pointer: str, read: Callable[[str], T], raw: str | None) -> T | None:
        if raw is None or not raw.strip():
            return None
        try:
            return read(raw)
        except InvalidValue as wrong:
            self.problems.append(Problem(f"{self._at}{pointer}", wrong.code, wrong.detail))
            return None


def checked(known: Details, given: Mapping[str, Any], default_region: str | None, *, at: str = "") -> Details:
    """`known` with the given fields in place of its own. Raises `Refused` with every problem; `at` is where the fields
    stand in the data (`/set`). A national phone number is read in the address's country, else in `default_region`."""
    reading = _Reading(at)
    changes: dict[str, Any] = dict(given)
    if given.get("company_address") is not None:
        changes["company_address"] = _address(given["company_address"], reading)
    if "contact_number" in given:
        address = changes.get("company_address", known.company_address)
        region = (address.country if address else None) or default_region
        changes["contact_number"] = reading.read(
            "/contact_number", lambda raw: e164(raw, region), given["contact_number"]
        )
    if "email" in given:
        changes["email"] = reading.read("/email", email_address, given["email"])
    if "cc" in given:
        copies = (reading.read(f"/cc/{n}", email_address, raw) for n, raw in enumerate(given["cc"]))
        changes["cc"] = tuple(dict.fromkeys(copy for copy in copies if copy is not None))
    if reading.problems:
        raise Refused(*reading.problems)
    return replace(known, **changes)


def _address(raw: Address, reading: _Reading) -> Address | None:
    country = reading.read("/company_address/country", country_code, raw.country)
    address = replace(raw, country=country)
    return None if address == Address() else address
