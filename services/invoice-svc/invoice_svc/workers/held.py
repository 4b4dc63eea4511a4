"""Looks at holds once more, a page at a time: for whoever died between saving a hold and reading the account again."""

from collections import defaultdict
from datetime import timedelta
from typing import Final

import structlog
from structlog.contextvars import bound_contextvars

from invoice_svc.aggregates import HELD, INVOICE
from invoice_svc.domain.invoice import Invoice, Sending
from invoice_svc.handlers.following import Which, reviewing
from invoice_svc.workers.envelope import work_meta
from shared.engine.document import state_of
from shared.engine.engine import Engine
from shared.engine.errors import Unavailable
from shared.engine.jobs import OPEN_WORK
from shared.engine.leases import now_ms
from shared.engine.ports import Doc

EVERY_S: Final = 5.0
PAGE: Final = 200
AGAIN_MS: Final = int(timedelta(hours=1).total_seconds() * 1000)
"""A hold is looked at soon after it was saved; after that only to be sure."""

_log = structlog.get_logger(__name__)


class HeldSweep:
    """Looking changes nothing where all is well, so it needs no lease."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def step(self) -> None:
        while len(page := await self._page()) == PAGE:
            await self._look(page)
        await self._look(page)

    async def _page(self) -> list[Doc]:
        due = {"job": HELD, "due_at": {"$lte": now_ms()}}
        return await self._engine.store.find(OPEN_WORK, due, sort=[("due_at", 1)], limit=PAGE)

    async def _look(self, page: list[Doc]) -> None:
        by_partner: defaultdict[str, list[Doc]] = defaultdict(list)
        for entry in page:
            by_partner[entry["partner_id"]].append(entry)
        for partner_id, entries in by_partner.items():
            await self._review(partner_id, entries)

    async def _review(self, partner_id: str, entries: list[Doc]) -> None:
        """A hold that cannot be looked at is told of and keeps no other waiting."""
        try:
            await self._review_together(partner_id, entries)
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 - whatever is wrong with one, it is told and looked at later
            if len(entries) > 1:
                for entry in entries:
                    await self._review(partner_id, [entry])
                return
            _log.exception("a hold cannot be looked at", invoice_id=entries[0]["target"], partner_id=partner_id)
            await self._look_later(entries)

    async def _review_together(self, partner_id: str, entries: list[Doc]) -> None:
        meta = work_meta(partner_id, HELD)
        which = [Which(entry["target"], entry["customer_id"], partner_id, meta.stamp) for entry in entries]
        with bound_contextvars(partner_id=partner_id, correlation_id=meta.correlation_id):
            outcome = await self._engine.execute([reviewing(each) for each in which], meta)
        await self._look_later(entries)
        over = [entry for entry in entries if not _held(outcome.state_of(INVOICE, entry["target"]))]
        await self._take_away(over)

    async def _look_later(self, entries: list[Doc]) -> None:
        later = {"$set": {"due_at": now_ms() + AGAIN_MS}}
        updates = [(entry["_id"], {"rev": entry["rev"]}, later) for entry in entries]
        await self._engine.store.update_each(OPEN_WORK, updates)

    async def _take_away(self, entries: list[Doc]) -> None:
        """Entries that a crash left behind; one whose document is yet to be saved stays, and so does one whose document
        was saved as held since it was looked at."""
        if not entries:
            return
        docs = await self._engine.store.get_many(INVOICE.collection, [entry["target"] for entry in entries])
        free = {doc["_id"]: doc["rev"] for doc in docs if not _held(state_of(INVOICE, doc))}
        for entry in entries:
            if free.get(entry["target"], 0) >= entry["rev"]:
                await self._engine.store.delete_if(OPEN_WORK, entry["_id"], {"rev": entry["rev"]})


def _held(invoice: Invoice | None) -> bool:
    return invoice is not None and not invoice.waiting and invoice.delivery.state is Sending.HELD
