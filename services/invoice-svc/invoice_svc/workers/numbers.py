"""Completes what a crash left of numbering: an invoice without its number, a number that its invoice has already."""

from invoice_svc.aggregates import COUNTER, FINALIZE, GRACE, INVOICE, NUMBERS
from invoice_svc.domain.invoice import Document
from invoice_svc.handlers.following import Which, drawing, forgetting
from invoice_svc.workers.envelope import work_meta
from shared.engine.engine import Engine
from shared.engine.entries import Entries
from shared.engine.work import Work


class Numbers:
    """`finalize`: an invoice's entry, `numbers`: a counter's."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._entries = engine, Entries(engine)

    async def complete(self, work: Work) -> None:
        found = await self._entries.find(INVOICE, work)
        invoice, rev = found.state, found.rev
        if invoice is None or invoice.document is not Document.FINALIZING:
            await self._entries.not_needed(work, rev)
            return
        meta = work_meta(work.partner_id, FINALIZE, work.cause)
        await self._engine.execute([drawing(Which(work.id, work.customer_id, work.partner_id, meta.stamp))], meta)

    async def tidy(self, work: Work) -> None:
        """Each remembered draw: forgotten where its invoice has the number, else carried on."""
        found = await self._entries.find(COUNTER, work)
        counter, rev = found.state, found.rev
        if counter is None or not counter.drawn:
            await self._entries.not_needed(work, rev)
            return
        invoices = await self._engine.read_many(INVOICE, [draw.invoice_id for draw in counter.drawn])
        for draw in counter.drawn:
            invoice, meta = invoices.get(draw.invoice_id), work_meta(work.partner_id, NUMBERS)
            if invoice is not None:
                which = Which(invoice.invoice_id, invoice.customer_id, invoice.partner_id, meta.stamp)
                done = invoice.document is not Document.FINALIZING
                await self._engine.execute([forgetting(which) if done else drawing(which)], meta)
        await self._entries.again(work, GRACE)
