"""The list of invoices, newest first, by customer, delivery and document."""

from typing import Annotated, Any

from fastapi import Query

from invoice_svc.aggregates import INVOICE
from invoice_svc.domain.invoice import Document, Sending
from invoice_svc.messages import shown
from shared.contracts import invoice_shapes
from shared.contracts.forms import Id
from shared.engine.document import state_of
from shared.engine.ports import Documents
from shared.web.auth import Caller
from shared.web.paging import Page, Wanted


class Lists:
    """Reads only. Every filter names the partner, and only texts from the request ever reach one."""

    def __init__(self, store: Documents) -> None:
        self._store = store

    async def invoices(
        self,
        caller: Caller,
        wanted: Wanted,
        customer_id: Annotated[Id | None, Query(description="only this customer's")] = None,
        delivery: Annotated[Sending | None, Query(description="only in this state of delivery")] = None,
        document: Annotated[Document | None, Query(description="only in this state")] = None,
    ) -> Page[invoice_shapes.Invoice]:
        asked = {"customer_id": customer_id, "delivery": delivery, "document": document}
        filter: dict[str, Any] = {"partner_id": caller.partner_id}
        filter |= {f"q.{name}": str(value) for name, value in asked.items() if value is not None}
        if place := wanted.place():
            filter["q.order"] = {"$lt": place[0]}
        found = await self._store.find(INVOICE.collection, filter, sort=[("q.order", -1)], limit=wanted.ask)
        return wanted.page(found, lambda doc: shown(state_of(INVOICE, doc)), lambda doc: (doc["q"]["order"],))
