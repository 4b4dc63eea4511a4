"""The lists of customer-svc: customers by name, searched and filtered, and one customer's timeline, newest first."""

import re
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel

from customer_svc.aggregates import CUSTOMER, TIMELINE
from customer_svc.messages import shown
from shared.contracts.customers import Customer
from shared.contracts.forms import PRINTABLE
from shared.engine.decision import no_such
from shared.engine.document import state_of
from shared.engine.ports import Doc, Documents
from shared.values.folding import folded
from shared.web.auth import Caller
from shared.web.paging import Page, Wanted
from shared.web.problems import malformed


class FieldChange(BaseModel):
    """`before` is null where the event did not tell it."""

    field: str
    before: Any = None
    after: Any = None


class TimelineEntry(BaseModel):
    """Who changed what, when, and where it came from: `source` is portal, manual, import, psa or command."""

    entry_id: str
    event: str
    customer_version: int
    at: str
    actor: str
    correlation_id: str
    source: str | None
    reason: str | None
    changes: list[FieldChange]


Search = Annotated[
    str | None,
    Query(
        max_length=200,
        pattern=PRINTABLE,
        description="a part of the name, the reference or the e-mail, whatever case and accents",
    ),
]


class Lists:
    """Reads only. Every filter names the partner, and only texts from the request ever reach one."""

    def __init__(self, store: Documents) -> None:
        self._store = store

    async def customers(
        self,
        caller: Caller,
        wanted: Wanted,
        search: Search = None,
        status: Literal["active", "disabled", "archived"] | None = None,
        email: Annotated[Literal["missing"] | None, Query(description="only those without an e-mail")] = None,
    ) -> Page[Customer]:
        filter: dict[str, Any] = {"partner_id": caller.partner_id}
        if status is not None:
            filter["state.status"] = status
        if email is not None:
            filter["state.email"] = None
        if text := (search or "").strip():
            filter["q.text"] = {"$regex": re.escape(folded(text))}
        if place := wanted.place():
            filter["q.order"] = {"$gt": place[0]}
        found = await self._store.find(CUSTOMER.collection, filter, sort=[("q.order", 1)], limit=wanted.ask)
        return wanted.page(found, lambda doc: shown(state_of(CUSTOMER, doc)), lambda doc: (doc["q"]["order"],))

    async def timeline(self, caller: Caller, customer_id: str, wanted: Wanted) -> Page[TimelineEntry]:
        """Entries follow their events within moments."""
        await self._own(caller, customer_id := customer_id.lower())
        first, beyond = f"{customer_id}/", f"{customer_id}0"  # "0" is what comes after "/"
        if place := wanted.place():
            if not first < place[0] < beyond:
                raise malformed("/after", "this cursor is not one of this list; leave `after` out to begin at the top")
            beyond = place[0]
        filter = {"_id": {"$gt": first, "$lt": beyond}, "partner_id": caller.partner_id}
        found = await self._store.find(TIMELINE.collection, filter, sort=[("_id", -1)], limit=wanted.ask)
        return wanted.page(found, _entry, lambda doc: (doc["_id"],))

    async def _own(self, caller: Caller, customer_id: str) -> None:
        doc = await self._store.get(CUSTOMER.collection, customer_id)
        if doc is None or doc["partner_id"] != caller.partner_id:
            raise no_such("customer_id")


def _entry(doc: Doc) -> TimelineEntry:
    return TimelineEntry.model_validate(state_of(TIMELINE, doc), from_attributes=True)
