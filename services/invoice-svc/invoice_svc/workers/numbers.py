"""Completes what a crash left of numbering: an invoice without its number, a number that its invoice has already."""

from invoice_svc.aggregates import COUNTER, FINALIZE, GRACE, INVOICE, NUMBERS
from invoice_svc.domain.counter import Counter
from invoice_svc.domain.invoice import Document, Invoice
from invoice_svc.handlers.following import Which, drawing, forgetting
from invoice_svc.workers.envelope import work_meta
from shared.engine.change import Change
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
        which = Which(work.id, work.customer_id, work.partner_id, meta.stamp)
        await self._engine.execute_together([drawing(which)], meta)

    async def tidy(self, work: Work) -> None:
        """Each remembered draw: forgotten where its invoice has the number, else carried on."""
        found = await self._entries.find(COUNTER, work)
        counter, rev = found.state, found.rev
        if counter is None or not counter.drawn:
            await self._entries.not_needed(work, rev)
            return
        invoices = await self._engine.read_many(INVOICE, [draw.invoice_id for draw in counter.drawn])
        meta = work_meta(work.partner_id, NUMBERS)
        changes = [_ending(invoice, meta.stamp) for invoice in invoices.values()]
        await self._engine.execute_together(changes, meta)
        await self._entries.again(work, GRACE)


def _ending(invoice: Invoice, at: str) -> Change[Counter, object]:
    """Of what was drawn for it."""
    which = Which(invoice.invoice_id, invoice.customer_id, invoice.partner_id, at)
    return drawing(which) if invoice.document is Document.FINALIZING else forgetting(which)
