"""The changes of claims that go before and after a link: the account is taken, then linked, then settled."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from customer_svc.aggregates import CLAIM, CUSTOMER, claim_id
from customer_svc.domain.claim import Claim, Taker, settle, take
from customer_svc.domain.customer import Account, Customer, belonging_to
from shared.engine.change import Change, Meta, Reads, Ref
from shared.engine.decision import Decision


def taker(meta: Meta) -> Taker:
    return Taker(meta.identity, meta.stamp)


def taking(meta: Meta, account: Account, customer_id: str, *, at: str = "") -> Change[Claim, object]:
    """The account for this customer. The decision knows a repeat by its taker, and a pruned one takes again."""

    def decide(claim: Claim | None, _reads: Reads) -> Decision[Claim, object]:
        return take(claim, account, customer_id=customer_id, taker=taker(meta), at=at)

    return Change(CLAIM, claim_id(meta.partner_id, account), decide, once=False)


def settling(meta: Meta, account: Account, customer_id: str, *, over: bool = False) -> Change[Claim, object]:
    """This message's wish is decided: the claim follows the customer. `over`: a repeat of it takes nothing again."""
    customer = Ref(CUSTOMER, customer_id)

    def decide(claim: Claim | None, reads: Reads) -> Decision[Claim, object]:
        own = belonging_to(meta.partner_id, reads[customer])
        return settle(claim, account, customer_id=customer_id, customer=own, by=meta.identity, over=over)

    return Change(CLAIM, claim_id(meta.partner_id, account), decide, reads=(customer,), once=False)


def giving_back(meta: Meta) -> Callable[[Customer], Iterable[Change[Any, Any]]]:
    """What follows an unlink: the accounts that the customer has left are free for others."""

    def after(customer: Customer) -> Iterator[Change[Any, Any]]:
        for account in customer.left:
            yield settling(meta, account, customer.customer_id)

    return after


def settled_and_given_back(meta: Meta, account: Account, over: bool, customer: Customer) -> Iterator[Change[Any, Any]]:
    yield settling(meta, account, customer.customer_id, over=over)
    yield from giving_back(meta)(customer)


def following(meta: Meta, account: Account, *, over: bool = False) -> Callable[[Customer], Iterable[Change[Any, Any]]]:
    """What follows a link: the claim is settled, and an account that it took the place of is given back."""
    return partial(settled_and_given_back, meta, account, over)
