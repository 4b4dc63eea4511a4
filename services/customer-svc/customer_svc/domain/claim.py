"""One account, one customer: who an account belongs to, decided before any link is.

Whoever wants the account enters as a taker, then the customer is decided, then the taker settles. While somebody is
under way nobody takes the account away; once nobody is, the claim follows what the customer says.
"""

from dataclasses import dataclass, replace
from typing import Final

from customer_svc.domain.customer import Account, Customer
from shared.engine.decision import Decision, refuse

REMEMBERED: Final = 64
"""Imports of an account that are known to be over."""


@dataclass(frozen=True, slots=True)
class Taker:
    """A message that is about to link the account: `by` its identity, `at` when it came."""

    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Claim:
    """`customer_id` None: the account is free.

    `over`: who was settled lately and is not to take anything again. An import takes whichever customer has the
    account, so a repeat of it that comes when the account has changed hands would mean another one.

    `deferred` counts how often it was left to a taker to look at the customer: a taker that has looked already then
    finds the claim changed, and looks again.
    """

    account: Account
    customer_id: str | None = None
    takers: tuple[Taker, ...] = ()
    deferred: int = 0
    over: tuple[str, ...] = ()


def take(
    claim: Claim | None, account: Account, *, customer_id: str, taker: Taker, at: str = ""
) -> Decision[Claim, object]:
    """The account for this customer and no other."""
    held = _entered(claim, account, customer_id=customer_id, taker=taker)
    if held.state.customer_id != customer_id:
        raise refuse(
            f"{at}/account_id",
            "ALREADY_LINKED",
            f"account {account.account_id} is linked to customer {held.state.customer_id}; unlink it there first",
        )
    return held


def propose(claim: Claim | None, account: Account, *, customer_id: str, taker: Taker) -> Decision[Claim, object]:
    """The account for whoever has it, or else for this customer: imports of one account meet here. One that is over
    enters no more."""
    if claim is not None and taker.by in claim.over:
        return Decision(claim)
    return _entered(claim, account, customer_id=customer_id, taker=taker)


def _entered(claim: Claim | None, account: Account, *, customer_id: str, taker: Taker) -> Decision[Claim, object]:
    known = claim or Claim(account)
    takers = known.takers if taker in known.takers else (*known.takers, taker)
    return _kept(claim, replace(known, customer_id=known.customer_id or customer_id, takers=takers))


def settle(
    claim: Claim | None,
    account: Account,
    *,
    customer_id: str,
    customer: Customer | None,
    by: str | None = None,
    over: bool = False,
) -> Decision[Claim, object]:
    """What became of `customer_id`'s wish: the claim is its own where it is linked, and free where nobody is. `over`:
    `by` is not to take anything again."""
    known = _left(claim or Claim(account), by, over=over)
    if known.customer_id not in (None, customer_id):
        return _kept(claim, known)
    linked = customer is not None and customer.is_linked_with(account)
    if known.takers and not linked:
        return Decision(replace(known, deferred=known.deferred + 1))
    return _kept(claim, replace(known, customer_id=customer_id if linked else None))


def _left(claim: Claim, by: str | None, *, over: bool) -> Claim:
    takers = tuple(each for each in claim.takers if each.by != by)
    if by is None or not over or by in claim.over:
        return replace(claim, takers=takers)
    return replace(claim, takers=takers, over=(*claim.over, by)[-REMEMBERED:])


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
