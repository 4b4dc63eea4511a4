"""Mends what a crash left between a claim and its customer, a page at a time, whoever holds the lease."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import uuid4

import structlog
from structlog.contextvars import bound_contextvars

from customer_svc.aggregates import CLAIM, CUSTOMER, claim_id
from customer_svc.domain.claim import Claim, mend
from customer_svc.domain.customer import Account, Customer, belonging_to
from shared.engine.change import Change, Kind, Meta, Reads, Ref
from shared.engine.decision import Decision
from shared.engine.document import states_in
from shared.engine.engine import Engine
from shared.engine.leases import Leases
from shared.values.moments import stamp

EVERY_S: Final = 5.0
PAGE: Final = 200
LEASE_S: Final = 60.0
UNDER_WAY: Final = timedelta(minutes=5)
"""A taker that has not settled after this long will not come back, or comes as a repeat and takes again."""

S = TypeVar("S")
_log = structlog.get_logger(__name__)


class ClaimSweep:
    """Goes round: through the claims, whose customer may disagree, and through the linked customers, whose claim may
    be missing. Begun again by the next process, so nothing is lost with this one."""

    def __init__(self, engine: Engine, leases: Leases) -> None:
        self._engine, self._leases = engine, leases
        self._claims_after, self._accounts_from, self._among = "", "", "$gte"

    async def step(self) -> int:
        """One page of each; answers how many claims were mended."""
        if not await self._leases.hold("claims-sweep", ttl_s=LEASE_S):
            return 0
        return await self._claims() + await self._customers()

    async def _claims(self) -> int:
        docs = await self._engine.store.find(
            CLAIM.collection, {"_id": {"$gt": self._claims_after}}, sort=[("_id", 1)], limit=PAGE
        )
        self._claims_after = docs[-1]["_id"] if len(docs) == PAGE else ""
        held = [(doc["partner_id"], claim) for doc, claim in states_in(CLAIM, docs)]
        ids = [claim.customer_id for _, claim in held if claim.customer_id is not None]
        customers, unreadable = await self._known(CUSTOMER, ids)
        before = _before()
        doubtful = [
            (partner_id, claim.account, claim.customer_id)
            for partner_id, claim in held
            if claim.customer_id is not None
            and claim.customer_id not in unreadable
            and _doubtful(claim, belonging_to(partner_id, customers.get(claim.customer_id)), before)
        ]
        return sum([await self._mend(*each) for each in doubtful])

    async def _customers(self) -> int:
        """By account, so that only linked customers are read."""
        docs = await self._engine.store.find(
            CUSTOMER.collection,
            {"q.account": {self._among: self._accounts_from}},
            sort=[("q.account", 1), ("_id", 1)],
            limit=PAGE,
        )
        self._go_on(docs[-1]["q"]["account"] if len(docs) == PAGE else "")
        claims, unreadable = await self._known(CLAIM, [doc["q"]["account"] for doc in docs])
        mended = 0
        for doc, customer in states_in(CUSTOMER, docs):
            claim = claims.get(doc["q"]["account"])
            if doc["q"]["account"] in unreadable:
                continue
            if customer.integration is None or (claim is not None and claim.customer_id == customer.customer_id):
                continue
            mended += await self._mend(customer.partner_id, customer.integration.account, customer.customer_id)
        return mended

    def _go_on(self, account: str) -> None:
        """The next page begins with the last one's account again: another customer may have the same."""
        self._among = "$gt" if account and account == self._accounts_from else "$gte"
        self._accounts_from = account

    async def _known(self, kind: Kind[S, Any], ids: Sequence[str]) -> tuple[dict[str, S], set[str]]:
        """The states by id, and those that are there and cannot be read: nobody knows what they say."""
        docs = await self._engine.store.get_many(kind.collection, list(ids))
        found = {doc["_id"]: state for doc, state in states_in(kind, docs)}
        return found, {doc["_id"] for doc in docs} - found.keys()

    async def _mend(self, partner_id: str, account: Account, customer_id: str) -> int:
        id, customer, before = claim_id(partner_id, account), Ref(CUSTOMER, customer_id), _before()

        def decide(claim: Claim | None, reads: Reads) -> Decision[Claim, object]:
            own = belonging_to(partner_id, reads[customer])
            return mend(claim, account, customer_id=customer_id, customer=own, before=before)

        change: Change[Any, Any] = Change(CLAIM, id, decide, reads=(customer,), once=False)
        meta = _meta(partner_id)
        with bound_contextvars(partner_id=partner_id, correlation_id=meta.correlation_id, customer_id=customer_id):
            claim = (await self._engine.execute([change], meta)).state_of(CLAIM, id)
            _log.warning("a claim was mended", integration_id=account.integration_id)
            if claim.customer_id not in (None, customer_id):
                _log.error("a customer is linked with another's account; unlink one of the two")
        return 1


def _doubtful(claim: Claim, customer: Customer | None, before: str) -> bool:
    if claim.takers:
        return any(taker.at < before for taker in claim.takers)
    return customer is None or not customer.is_linked_with(claim.account)


def _before() -> str:
    return stamp(datetime.now(UTC) - UNDER_WAY)


def _meta(partner_id: str) -> Meta:
    id = str(uuid4())
    return Meta(
        partner_id, "/customer-svc/claims", id, "sweep", datetime.now(UTC), "service:customer-svc", correlation_id=id
    )
