"""Taking over what a PSA says of an account: once as a new customer, later field by field."""

from dataclasses import dataclass, replace

from customer_svc.domain.customer import Account, Customer, Integration, Status
from customer_svc.domain.editing import newly, with_fields
from customer_svc.domain.facts import CustomerFact, CustomerImported, CustomerLinked, CustomerUpdated
from customer_svc.domain.fields import Fields, in_normal_form
from customer_svc.domain.linking import with_account
from customer_svc.domain.psa_account import PsaAccount, taken_over
from shared.engine.decision import Decision, Problem, Refused, no_such, refuse


@dataclass(frozen=True, slots=True)
class Import:
    """One answered import. `asked` is what the requester gave: it counts only where the customer is created."""

    request_id: str
    partner_id: str
    integration_id: str
    provider: str
    account: PsaAccount
    asked: Fields

    @property
    def link(self) -> Account:
        return Account(self.integration_id, self.account.account_id)


def import_account(
    customer: Customer | None, wanted: Import, *, customer_id: str, region: str | None
) -> Decision[Customer, CustomerFact]:
    """A second import of an account answers with the same customer, as it is now.

    The requester's own fields are checked strictly, the PSA's are taken as far as they can be read; without a company
    name there is no customer.
    """
    if customer is not None:
        return _again(customer, wanted)
    taken = taken_over(wanted.account, region)
    asked, problems = in_normal_form(wanted.asked, region=region)
    if taken.company_name is None:
        problems.extend(_no_name(taken.left_out))
    if problems or taken.company_name is None:
        raise Refused(*problems)
    link = Integration(wanted.integration_id, wanted.account.account_id, 1, wanted.provider, taken.reference)
    found = Customer(
        customer_id,
        wanted.partner_id,
        taken.company_name,
        contact_number=taken.contact_number,
        company_address=taken.company_address,
        integration=link,
    )
    created = newly(replace(found, **asked), "import")
    return Decision(created.state, (*created.facts, CustomerImported(wanted.request_id, True, taken.left_out)))


def _no_name(left_out: tuple[Problem, ...]) -> list[Problem]:
    at = "/account/company_name"
    named = [problem for problem in left_out if problem.pointer == at]
    return named or [Problem(at, "REQUIRED", "the account has no name; give it one in the PSA and import it again")]


def _again(customer: Customer, wanted: Import) -> Decision[Customer, CustomerFact]:
    """The account's claim names this customer: it is linked, or its link is on the way and is made here."""
    imported = CustomerImported(wanted.request_id, False)
    if customer.is_linked_with(wanted.link):
        return Decision(customer, (imported,))
    if customer.status is Status.ARCHIVED or customer.integration is not None:
        raise refuse(
            "/account/account_id", "CONFLICT_WITH_STATE", "the account is just changing hands; import it again"
        )
    linked = with_account(customer, wanted.link, wanted.provider)
    return Decision(linked, (CustomerLinked(), imported))


@dataclass(frozen=True, slots=True)
class Seen:
    """What changed at an account, as seen under one link."""

    account: PsaAccount
    link: Account
    link_version: int
    changed: frozenset[str]


def take_account_change(
    customer: Customer | None, seen: Seen, *, region: str | None
) -> Decision[Customer, CustomerFact]:
    """Take over the fields that changed there. What was seen under another link, or cannot be read, changes nothing."""
    if customer is None:
        raise no_such("customer_id")
    link = customer.integration
    if customer.status is Status.ARCHIVED or link is None:
        return Decision(customer)
    if link.account != seen.link or link.link_version != seen.link_version:
        return Decision(customer)
    kept, reference = _readable(seen, link.reference, region)
    decision = with_fields(customer, kept, "psa")
    if reference == link.reference:
        return decision
    state = replace(decision.state, integration=replace(link, reference=reference))
    return Decision(state, _with_reference(decision.facts))


def _readable(seen: Seen, reference: str | None, region: str | None) -> tuple[Fields, str | None]:
    taken = taken_over(seen.account, region)
    unread = {problem.pointer.split("/")[2] for problem in taken.left_out}
    changed = seen.changed - unread
    kept: Fields = {}
    if "company_name" in changed and taken.company_name is not None:
        kept["company_name"] = taken.company_name
    if "contact_number" in changed:
        kept["contact_number"] = taken.contact_number
    if "company_address" in changed:
        kept["company_address"] = taken.company_address
    return kept, taken.reference if "reference" in changed else reference


def _with_reference(facts: tuple[CustomerFact, ...]) -> tuple[CustomerFact, ...]:
    """One CustomerUpdated names all changed fields."""
    if facts and isinstance(facts[0], CustomerUpdated):
        return (CustomerUpdated((*facts[0].changed, "reference"), "psa"), *facts[1:])
    return (CustomerUpdated(("reference",), "psa"), *facts)
