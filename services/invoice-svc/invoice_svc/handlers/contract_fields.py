"""The fields of a message as the domain knows them; their form was checked when the message was read."""

from collections.abc import Callable
from typing import Final

from invoice_svc.domain import terms
from invoice_svc.domain.account import Account, Address
from invoice_svc.domain.amounts import Item
from shared.contracts import shapes
from shared.contracts.base import Shape
from shared.contracts.customers import Customer
from shared.contracts.invoices import NewLine

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


def item(line: NewLine) -> Item:
    return Item(line.description, line.quantity, line.unit_price, line.tax_rate)


def account(customer: Customer) -> Account:
    """Written out field by field: it runs for every customer event there is."""
    return Account(
        customer_id=customer.customer_id,
        partner_id=customer.partner_id,
        customer_version=customer.version,
        status=customer.status,
        company_name=customer.company_name,
        contact_number=customer.contact_number,
        company_address=_address(customer.company_address),
        email=customer.email,
        cc=customer.cc,
        payment_terms=payment_terms(customer.payment_terms),
    )


def _address(given: shapes.Address | None) -> Address | None:
    if given is None:
        return None
    return Address(given.line1, given.line2, given.city, given.region, given.postal_code, given.country)
