"""The values of a command whose form is already wrong, so that its sender is told everything at once."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from customer_svc.domain.customer import Address
from customer_svc.domain.fields import Fields, in_normal_form
from shared.contracts.base import Message
from shared.contracts.customers import CreateCustomer, UpdateCustomer
from shared.engine.decision import Problem, Refused


def whole(type_: type[Message], data: Mapping[str, Any], refused: Refused, *, region: str | None) -> Refused:
    """The refusal of a command's form, with what is wrong with its values besides."""
    return Refused(*_together(refused.problems, _values(type_, data, region)))


def _values(type_: type[Message], data: Mapping[str, Any], region: str | None) -> list[Problem]:
    if type_ is CreateCustomer:
        return _problems(data, "", region)
    given = data.get("set")
    if type_ is UpdateCustomer and isinstance(given, dict):
        return _problems({name: value for name, value in given.items() if _known_here(name, given)}, "/set", region)
    return []


def _together(found: Iterable[Problem], more: Iterable[Problem]) -> Iterator[Problem]:
    """A field is named once: what its form lacks counts more than what its value does."""
    named = []
    for problem in found:
        named.append(problem.pointer)
        yield problem
    for problem in more:
        if not any(problem.pointer == each or problem.pointer.startswith(f"{each}/") for each in named if each):
            yield problem


def _known_here(name: str, given: Mapping[str, Any]) -> bool:
    """A national number may be one of the customer's own address, which is not looked up for a refusal."""
    number = given.get("contact_number")
    return name != "contact_number" or _country(given) is not None or str(number).lstrip().startswith("+")


def _country(given: Mapping[str, Any]) -> str | None:
    address = given.get("company_address")
    country = address.get("country") if isinstance(address, dict) else None
    return _text(country) or None


def _text(value: object) -> str | None:
    """What could be a value at all: the rest is the form's to name."""
    return value.strip() if isinstance(value, str) and len(value) <= 200 and value.isprintable() else None


def _problems(given: Mapping[str, Any], at: str, region: str | None) -> list[Problem]:
    fields: Fields = {}
    if country := _country(given):
        fields["company_address"] = Address(country=country)
    if (number := _text(given.get("contact_number"))) is not None:
        fields["contact_number"] = number
    if (email := _text(given.get("email"))) is not None:
        fields["email"] = email
    copies = given.get("cc")
    if isinstance(copies, list) and len(texts := [text for each in copies if (text := _text(each))]) == len(copies):
        fields["cc"] = tuple(texts)
    return in_normal_form(fields, at=at, region=region)[1]
