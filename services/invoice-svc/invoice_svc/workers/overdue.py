"""Says once of each invoice that it is overdue, on the day after its due day in the partner's zone."""

from datetime import timedelta
from typing import Final

from invoice_svc.aggregates import INVOICE, OVERDUE
from invoice_svc.domain.facts import InvoiceFact
from invoice_svc.domain.invoice import Invoice
from invoice_svc.domain.paying import grow_overdue, may_grow_overdue
from invoice_svc.workers.envelope import work_meta
from shared.engine.change import Change, Reads
from shared.engine.decision import Decision
from shared.engine.engine import Engine
from shared.engine.entries import Entries
from shared.engine.work import Work

_CLOCKS_APART: Final = timedelta(minutes=1)


class Overdue:
    def __init__(self, engine: Engine) -> None:
        self._engine, self._entries = engine, Entries(engine)

    async def grow(self, work: Work) -> None:
        found = await self._entries.find(INVOICE, work)
        invoice, rev = found.state, found.rev
        if invoice is None or not may_grow_overdue(invoice):
            await self._entries.not_needed(work, rev)
            return
        meta = work_meta(work.partner_id, OVERDUE, work.cause)

        def decide(known: Invoice | None, _reads: Reads) -> Decision[Invoice, InvoiceFact]:
            return grow_overdue(known or invoice, now=meta.time)

        change: Change[Invoice, InvoiceFact] = Change(INVOICE, work.id, decide, once=False)
        grown = (await self._engine.execute([change], meta)).state_of(INVOICE, work.id)
        if not grown.overdue:
            await self._entries.again(work, _CLOCKS_APART)
