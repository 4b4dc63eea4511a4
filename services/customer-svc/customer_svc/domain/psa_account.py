"""What a PSA holds of an account, read leniently: a person there cannot be asked to correct it before an import."""

from collections.abc import Callable
from dataclasses import dataclass, fields

from customer_svc.domain.customer import Address
from shared.engine.decision import Problem
from shared.values.country import country_code
from shared.values.errors import InvalidValue
from shared.values.phone import e164
from shared.values.texts import one_line

LONGEST = 200


@dataclass(frozen=True, slots=True)
class PsaAccount:
    """An account as the PSA has it: texts of any length and kind."""

    account_id: str
    company_name: str
    contact_number: str | None = None
    company_address: Address | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """An account in our normal form. `left_out` names what could not be taken over: it is null here."""

    company_name: str | None
    contact_number: str | None
    company_address: Address | None
    reference: str | None
    left_out: tuple[Problem, ...]


def taken_over(account: PsaAccount, region: str | None) -> Taken:
    """Every field that can be read; a telephone number is one of the address's country, or else of `region`."""
    problems: list[Problem] = []
    address = _address(account.company_address, problems)
    home = (address and address.country) or region
    number = one_line(account.contact_number)
    return Taken(
        company_name=_text(account.company_name, "/account/company_name", problems),
        contact_number=number and _read(lambda: e164(number, home), "/account/contact_number", problems),
        company_address=address,
        reference=_text(account.reference, "/account/reference", problems),
        left_out=tuple(problems),
    )


def _address(given: Address | None, problems: list[Problem]) -> Address | None:
    if given is None:
        return None
    at = "/account/company_address"
    found = {
        each.name: _text(getattr(given, each.name), f"{at}/{each.name}", problems)
        for each in fields(Address)
        if each.name != "country"
    }
    country = one_line(given.country)
    code = country and _read(lambda: country_code(country), f"{at}/country", problems)
    address = Address(**found, country=code)
    return None if address == Address() else address


def _text(text: str | None, at: str, problems: list[Problem]) -> str | None:
    found = one_line(text)
    if found is not None and len(found) > LONGEST:
        problems.append(Problem(at, "TOO_LONG", f"has more than {LONGEST} characters; shorten it in the PSA"))
        return None
    return found


def _read(reader: Callable[[], str], at: str, problems: list[Problem]) -> str | None:
    try:
        return reader()
    except InvalidValue as error:
        problems.append(Problem(at, error.code, error.detail))
        return None
