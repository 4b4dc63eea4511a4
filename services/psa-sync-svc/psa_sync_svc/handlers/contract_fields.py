"""The fields of a message as the domain knows them; their form was checked when the message was read."""

from dataclasses import fields
from typing import Final

from psa_sync_svc.domain.account import Address
from psa_sync_svc.domain.importing import Asked, Code, PaymentTerms, Refusal
from psa_sync_svc.domain.link import Link, LinkedAccount
from psa_sync_svc.domain.values import Values
from shared.contracts import shapes
from shared.contracts.answers import ImportRefused
from shared.contracts.customers import Customer
from shared.contracts.psa import ImportCustomer
from shared.engine.decision import Problem

_PARTS: Final = tuple(each.name for each in fields(Address))


def asked(command: ImportCustomer) -> Asked:
    return Asked(command.email, command.cc, payment_terms(command.payment_terms))


def payment_terms(given: shapes.PaymentTerms | None) -> PaymentTerms | None:
    return None if given is None else PaymentTerms(**dict(given))


def refusal(said: ImportRefused) -> Refusal:
    errors = tuple(Problem(each.pointer, each.code, each.detail) for each in said.errors)
    return Refusal(Code(said.code), said.detail, errors)


def address(given: shapes.PsaAddress | None) -> Address | None:
    return None if given is None else Address(*(getattr(given, name) for name in _PARTS))


def link(customer: Customer) -> Link:
    """An archived customer has no link, whatever stands there."""
    told = customer.integration if customer.status != "archived" else None
    account = None if told is None else LinkedAccount(told.integration_id, told.account_id, told.link_version)
    reference = told.reference if told is not None else None
    ours = Values(customer.company_name, customer.contact_number, address(customer.company_address), reference)
    return Link(customer.customer_id, customer.partner_id, customer.version, account, ours)
