"""Creating a customer and setting its fields; losing the e-mail address is announced at once."""

from dataclasses import replace
from typing import Any, Final, cast

from customer_svc.domain.customer import Account, Customer, Integration, changeable
from customer_svc.domain.facts import (
    CustomerCreated,
    CustomerFact,
    CustomerLinked,
    CustomerUpdated,
    EmailConfigured,
    EmailMissing,
    Origin,
    PaymentTermsChanged,
    Source,
)
from customer_svc.domain.fields import NAMES, Edits, Fields, in_normal_form
from shared.engine.decision import Decision, Problem, Refused, refuse


def create(
    customer: Customer | None,
    *,
    customer_id: str,
    partner_id: str,
    fields: Fields,
    account: Account | None,
    source: Origin,
    region: str | None,
) -> Decision[Customer, CustomerFact]:
    if customer is not None:
        raise refuse("/customer_id", "ALREADY_EXISTS", f"there is a customer {customer_id}; choose another id, or none")
    kept, problems = in_normal_form(fields, region=region)
    if problems:
        raise Refused(*problems)
    link = None if account is None else Integration(account.integration_id, account.account_id, link_version=1)
    return newly(Customer(customer_id, partner_id, integration=link, **kept), source)


def newly(customer: Customer, source: Origin) -> Decision[Customer, CustomerFact]:
    """A customer that was not there before. Without an address its invoices will be held: that is said at once."""
    facts: list[CustomerFact] = [CustomerCreated(source)]
    if customer.integration is not None:
        facts.append(CustomerLinked())
    facts.append(EmailMissing("never_set") if customer.email is None else EmailConfigured())
    return Decision(customer, tuple(facts))


def update(
    customer: Customer | None,
    fields: Edits,
    *,
    source: Source,
    region: str | None,
    at: str = "",
    expected_version: int | None = None,
) -> Decision[Customer, CustomerFact]:
    """Set some fields at once. `at` is where the request has them (`/set`)."""
    known = changeable(customer, expected_version)
    kept, problems = in_normal_form(fields, at=at, address=known.company_address, region=region)
    edits = cast(Edits, kept)
    if "reference" in fields:
        edits["reference"] = fields["reference"] or None
        if known.integration is None:
            problems.append(Problem(f"{at}/reference", "CONFLICT_WITH_STATE", _NOT_LINKED))
    if problems:
        raise Refused(*problems)
    return with_fields(known, edits, source)


def with_fields(customer: Customer, kept: Edits, source: Source) -> Decision[Customer, CustomerFact]:
    """The customer with fields in their normal form, and what that means to others."""
    after = _having(customer, kept)
    changed = tuple(name for name in NAMES if getattr(after, name) != getattr(customer, name))
    if not changed:
        return Decision(customer)
    facts: list[CustomerFact] = [CustomerUpdated(changed, source)]
    if "email" in changed:
        facts.append(EmailMissing("removed") if after.email is None else EmailConfigured())
    if "payment_terms" in changed:
        facts.append(PaymentTermsChanged(customer.payment_terms, after.payment_terms))
    return Decision(after, tuple(facts))


_NOT_LINKED: Final = "the reference is the linked account's, and the customer is linked with none; link it first"


def _having(customer: Customer, kept: Edits) -> Customer:
    """The reference is kept with the account that it belongs to."""
    changes: dict[str, Any] = {name: value for name, value in kept.items() if name != "reference"}
    if "reference" in kept and customer.integration is not None:
        changes["integration"] = replace(customer.integration, reference=kept["reference"])
    return replace(customer, **changes)
