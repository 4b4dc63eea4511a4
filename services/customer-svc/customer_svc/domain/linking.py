"""Linking a customer with an account of a PSA. That the account has no other customer is the claim's to say."""

from dataclasses import replace

from customer_svc.domain.customer import REMEMBERED, Account, Customer, Integration, changeable
from customer_svc.domain.facts import CustomerFact, CustomerLinked, CustomerUnlinked
from shared.engine.decision import Decision


def link(
    customer: Customer | None, account: Account, expected_version: int | None = None
) -> Decision[Customer, CustomerFact]:
    """Another account takes the place of the one before."""
    known = changeable(customer, expected_version)
    if known.is_linked_with(account):
        return Decision(known)
    return Decision(with_account(known, account), (CustomerLinked(),))


def unlink(customer: Customer | None, expected_version: int | None = None) -> Decision[Customer, CustomerFact]:
    known = changeable(customer, expected_version)
    if known.integration is None:
        return Decision(known)
    return Decision(without_account(known), (CustomerUnlinked(),))


def with_account(
    customer: Customer, account: Account, provider: str | None = None, reference: str | None = None
) -> Customer:
    alone = without_account(customer)
    made = Integration(account.integration_id, account.account_id, customer.version + 1, provider, reference)
    return replace(alone, integration=made, left=tuple(each for each in alone.left if each != account))


def without_account(customer: Customer) -> Customer:
    if customer.integration is None:
        return customer
    gone = customer.integration.account
    left = (*(each for each in customer.left if each != gone), gone)[-REMEMBERED:]
    return replace(customer, integration=None, left=left)
