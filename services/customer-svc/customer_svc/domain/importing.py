"""Taking over what a PSA says of an account, once, as a new customer."""

from dataclasses import dataclass, replace

from customer_svc.domain.customer import Account, Customer, Integration, Status
from customer_svc.domain.editing import newly
from customer_svc.domain.facts import CustomerFact, CustomerImported, CustomerLinked
from customer_svc.domain.fields import Fields, in_normal_form
from customer_svc.domain.linking import with_account
from customer_svc.domain.psa_account import PsaAccount, taken_over
from shared.engine.decision import Decision, Problem, Refused, refuse


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
