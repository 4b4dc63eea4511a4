"""The documents that this service keeps, and what lists look for in them."""

from typing import Any, Final

from customer_svc.domain.claim import Claim
from customer_svc.domain.customer import Account, Customer
from customer_svc.domain.facts import CustomerFact
from customer_svc.domain.timeline import Entry
from customer_svc.messages import customer_message
from shared.engine.change import Kind
from shared.values.folding import folded

_SORTED_BY: Final = 200
"""Letters that become several when they are folded must not make a list's cursor longer than one may be."""


def _looked_for(customer: Customer) -> dict[str, Any]:
    """`order`: by name, each customer at a place of its own; `text`: what a search goes through, folded as its words
    are; `account`: only where there is one."""
    link = customer.integration
    texts = (customer.company_name, link.reference if link else None, customer.email)
    found = {
        "order": f"{folded(customer.company_name)[:_SORTED_BY]}\n{customer.customer_id}",
        "text": "\n".join(folded(text) for text in texts if text),
    }
    if link is not None:
        found["account"] = claim_id(customer.partner_id, link.account)
    return found


def claim_id(partner_id: str, account: Account) -> str:
    """Partners and integrations have no `|` in their ids, so no two accounts meet in one claim."""
    return f"{partner_id}|{account.integration_id}|{account.account_id}"


CUSTOMER: Final[Kind[Customer, CustomerFact]] = Kind(
    "customers", Customer, tell=customer_message, index=_looked_for, id_name="customer_id"
)
CLAIM: Final[Kind[Claim, object]] = Kind("claims", Claim, id_name="account_id")
TIMELINE: Final[Kind[Entry, object]] = Kind("timeline", Entry, id_name="entry_id", appended=True)
KINDS: Final = (CUSTOMER, CLAIM, TIMELINE)
INDEXES: Final = (("customers", "partner_id", "q.order"), ("customers", "q.account", "_id"))
"""What lists and sweeps look for, on genuine MongoDB; the timeline and the claims are found by `_id`."""
