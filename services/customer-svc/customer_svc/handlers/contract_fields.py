"""The fields of a message as the domain knows them; their form was checked when the message was read."""

from collections.abc import Callable
from dataclasses import fields as fields_of
from typing import Any, Final

from customer_svc.domain import terms
from customer_svc.domain.customer import Address
from customer_svc.domain.fields import Edits, Fields
from shared.contracts import shapes
from shared.contracts.base import Shape
from shared.contracts.customers import CreateCustomer, CustomerFields

_TERMS: Final[dict[type[Shape], Callable[..., terms.PaymentTerms]]] = {
    shapes.DueOnReceipt: terms.DueOnReceipt,
    shapes.Net: terms.Net,
    shapes.EndOfMonth: terms.EndOfMonth,
    shapes.NetEndOfMonth: terms.NetEndOfMonth,
    shapes.DaysEndOfMonth: terms.DaysEndOfMonth,
    shapes.DayOfMonth: terms.DayOfMonth,
}


def payment_terms(given: shapes.PaymentTerms | None) -> terms.PaymentTerms | None:
    return None if given is None else _TERMS[type(given)](**dict(given))


def address(given: shapes.PsaAddress | None) -> Address | None:
    return None if given is None else Address(**{each.name: getattr(given, each.name) for each in fields_of(Address)})


_AS_DOMAIN: Final[dict[str, Callable[[Any], Any]]] = {"company_address": address, "payment_terms": payment_terms}


def fields_of_update(given: CustomerFields) -> Edits:
    """Only the fields that were given."""
    found: Any = {
        name: _AS_DOMAIN[name](value) if name in _AS_DOMAIN else value for name, value in given.given().items()
    }
    kept: Edits = found
    return kept


def fields_of_creation(command: CreateCustomer) -> Fields:
    return Fields(
        company_name=command.company_name,
        contact_number=command.contact_number,
        company_address=address(command.company_address),
        email=command.email,
        cc=command.cc,
        payment_terms=payment_terms(command.payment_terms),
    )
