"""One account, one customer: who an account belongs to, decided before any link is.

Whoever wants the account enters as a taker, then the customer is decided, then the taker settles. While somebody is
under way nobody takes the account away; once nobody is, the claim follows what the customer says.
"""

from dataclasses import dataclass, replace

from customer_svc.domain.customer import Account, Customer
from shared.engine.decision import Decision, refuse


@dataclass(frozen=True, slots=True)
class Taker:
    """A message that is about to link the account: `by` its identity, `at` when it came."""

    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Claim:
    """`customer_id` None: the account is free.

    `deferred` counts how often it was left to a taker to look at the customer: a taker that has looked already then
    finds the claim changed, and looks again.
    """

    account: Account
    customer_id: str | None = None
    takers: tuple[Taker, ...] = ()
    deferred: int = 0


def take(
    claim: Claim | None, account: Account, *, customer_id: str, taker: Taker, at: str = ""
) -> Decision[Claim, object]:
    """The account for this customer and no other."""
    held = propose(claim, account, customer_id=customer_id, taker=taker)
    if held.state.customer_id != customer_id:
        raise refuse(
            f"{at}/account_id",
            "ALREADY_LINKED",
            f"account {account.account_id} is linked to customer {held.state.customer_id}; unlink it there first",
        )
    return held


def propose(claim: Claim | None, account: Account, *, customer_id: str, taker: Taker) -> Decision[Claim, object]:
    """The account for whoever has it, or else for this customer: imports of one account meet here."""
    known = claim or Claim(account)
    takers = known.takers if taker in known.takers else (*known.takers, taker)
    return _kept(claim, replace(known, customer_id=known.customer_id or customer_id, takers=takers))


def settle(
    claim: Claim | None, account: Account, *, customer_id: str, customer: Customer | None, by: str | None = None
) -> Decision[Claim, object]:
    """What became of `customer_id`'s wish: the claim is its own where it is linked, and free where nobody is."""
    known = claim or Claim(account)
    takers = tuple(each for each in known.takers if each.by != by)
    if known.customer_id not in (None, customer_id):
        return _kept(claim, replace(known, takers=takers))
    linked = customer is not None and customer.is_linked_with(account)
    if takers and not linked:
        return Decision(replace(known, takers=takers, deferred=known.deferred + 1))
    return _kept(claim, replace(known, customer_id=customer_id if linked else None, takers=takers))


def mend(
    claim: Claim | None, account: Account, *, customer_id: str, customer: Customer | None, before: str
) -> Decision[Claim, object]:
    """The same for what a crash left: takers from `before` then will not come back."""
    known = claim or Claim(account)
    fresh = tuple(each for each in known.takers if each.at >= before)
    settled = settle(replace(known, takers=fresh), account, customer_id=customer_id, customer=customer)
    return _kept(claim, settled.state)


def _kept(claim: Claim | None, after: Claim) -> Decision[Claim, object]:
    return Decision(claim if claim is not None and claim == after else after)
