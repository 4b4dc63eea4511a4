"""The fields that people set, in their normal form: everything that is wrong with them is named at once."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypedDict

from customer_svc.domain.customer import Address
from customer_svc.domain.terms import PaymentTerms
from shared.engine.decision import Problem
from shared.values.country import country_code
from shared.values.email import email_address
from shared.values.errors import InvalidValue
from shared.values.phone import e164


class Fields(TypedDict, total=False):
    """What is to be set; a field that is not there stays as it is."""

    company_name: str
    contact_number: str | None
    company_address: Address | None
    email: str | None
    cc: tuple[str, ...]
    payment_terms: PaymentTerms | None


class Edits(Fields, total=False):
    """The same for a customer that is there. `reference` is the linked account's."""

    reference: str | None


NAMES = ("company_name", "contact_number", "company_address", "email", "cc", "payment_terms", "reference")
"""The order in which changed fields are told."""


def in_normal_form(
    given: Fields, *, at: str = "", address: Address | None = None, region: str | None
) -> tuple[Fields, list[Problem]]:
    """The fields as they are kept, and what was wrong, each with its pointer under `at`.

    A national telephone number is read as one of the country of the address (the given one, or else `address`, the
    customer's), or else of `region`, the deployment's.
    """
    problems: list[Problem] = []
    found: Fields = given.copy()
    if "company_address" in given:
        address = found["company_address"] = _address(given["company_address"], f"{at}/company_address", problems)
    if number := given.get("contact_number"):
        home = (address and address.country) or region
        found["contact_number"] = _read(lambda: e164(number, home), f"{at}/contact_number", problems)
    elif "contact_number" in given:
        found["contact_number"] = None
    if email := given.get("email"):
        found["email"] = _read(lambda: email_address(email), f"{at}/email", problems)
    elif "email" in given:
        found["email"] = None
    if "cc" in given:
        found["cc"] = _copies(given["cc"], f"{at}/cc", problems)
    return found, problems


def _address(given: Address | None, at: str, problems: list[Problem]) -> Address | None:
    """An address of blanks only is none."""
    if given is None or given == Address():
        return None
    country = given.country
    if country is None:
        return given
    return replace(given, country=_read(lambda: country_code(country), f"{at}/country", problems))


def _copies(given: tuple[str, ...], at: str, problems: list[Problem]) -> tuple[str, ...]:
    """Each address once, however its letters are cased."""
    found: dict[str, str] = {}
    for number, raw in enumerate(given):
        if address := _address_of_copy(raw, f"{at}/{number}", problems):
            found.setdefault(address.casefold(), address)
    return tuple(found.values())


def _address_of_copy(raw: str, at: str, problems: list[Problem]) -> str | None:
    return _read(lambda: email_address(raw), at, problems)


def _read(reader: Callable[[], str], at: str, problems: list[Problem]) -> str | None:
    try:
        return reader()
    except InvalidValue as error:
        problems.append(Problem(at, error.code, error.detail))
        return None
