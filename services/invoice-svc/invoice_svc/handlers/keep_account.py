"""What invoice-svc knows of a customer is taken from every customer event, whatever its type, by version."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Final, cast

from invoice_svc.aggregates import ACCOUNT, AWAITED, awaited_id
from invoice_svc.domain.account import Account, Awaited, know
from invoice_svc.handlers.contract_fields import account
from invoice_svc.handlers.following import calling_release
from shared.contracts import topics
from shared.contracts.customers import CustomerEvent
from shared.engine.change import Change, Meta, Reads
from shared.engine.decision import Decision

EVENTS: Final = tuple(message for message in topics.CUSTOMERS.messages if issubclass(message, CustomerEvent))


def handle(event: CustomerEvent, _meta: Meta) -> Iterator[Change[Account, object]]:
    told = account(event.customer)

    def decide(known: Account | None, _reads: Reads) -> Decision[Account, object]:
        return know(known, told)

    then = partial(_tell_who_waited, version=told.customer_version)
    yield Change(ACCOUNT, told.customer_id, decide, once=False, then=then)


def _tell_who_waited(account: Account, *, version: int) -> Iterable[Change[Awaited, object]]:
    """The event that made the customer known looks, after its save, whether anybody left word; no other has to."""
    if account.first_version != version:
        return ()

    def then(_: Awaited) -> Iterable[Change[Account, object]]:
        return (calling_release(account.customer_id, version),)

    id = awaited_id(account.partner_id, account.customer_id)
    return (Change(AWAITED, id, _as_it_is, once=False, then=then),)


def _as_it_is(known: Awaited | None, _reads: Reads) -> Decision[Awaited, object]:
    """Where nobody waited there is no document, and none is made."""
    return Decision(cast(Awaited, known))
