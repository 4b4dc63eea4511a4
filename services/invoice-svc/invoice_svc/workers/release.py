"""Ends holds and waits when what they waited for has come: a customer's all at once, or a wait looked at again."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from typing import Final

from invoice_svc.aggregates import ACCOUNT, HELD, INVOICE, RELEASE, WAITING
from invoice_svc.domain.account import Account, released
from invoice_svc.handlers.following import Which, reviewing
from invoice_svc.workers.envelope import work_meta
from shared.engine.change import Cause, Change, Reads
from shared.engine.decision import Decision
from shared.engine.engine import Engine
from shared.engine.entries import Entries, Found, doubling
from shared.engine.jobs import OPEN_WORK
from shared.engine.leases import now_ms
from shared.engine.work import Work

PAGE: Final = 100
_WAITS_FIRST, _WAITS_MOST = timedelta(seconds=1), timedelta(minutes=5)
_VERSION_MOST: Final = timedelta(seconds=5)
"""A version of a customer that is known is on its way; a customer that is unknown announces itself when it comes."""


class Release:
    """`release`: a customer's entry, `waiting`: an invoice's."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._entries = engine, Entries(engine)

    async def release(self, work: Work) -> None:
        """Review everything of the customer that is held or waits; then the mark goes, if it is still that version."""
        (account, rev), first = await self._begin(work)
        if account is None or account.release_due is None:
            await self._entries.not_needed(work, rev)
            return
        while account.release_due is not None:
            async for page in self._pages(work.id, first):
                await self._review(page, RELEASE, work.cause)
                await self._soon(each for each in page if each.job == WAITING)
            account, first = await self._clear(account, account.release_due, work.cause), None

    async def _begin(self, work: Work) -> tuple[Found[Account], list[Work] | None]:
        """The account, and what is held, looked for at the same time where the work came straight from the account's
        save. Where the account was saved again since, that was too early: it has to be looked for anew."""
        if not work.saved:
            return await self._entries.find(ACCOUNT, work), None
        found, first = await asyncio.gather(self._entries.find(ACCOUNT, work), self._page(HELD, work.id))
        return found, first if found.rev == work.rev else None

    async def look_at_waiting(self, work: Work) -> None:
        """For a customer of another partner, a version that is on its way, and whoever died in between."""
        await self._review([work], WAITING, work.cause)
        found = await self._entries.find(INVOICE, work)
        invoice, rev = found.state, found.rev
        if invoice is None or not invoice.waiting:
            await self._entries.not_needed(work, rev)
        else:
            known = await self._engine.read(ACCOUNT, invoice.customer_id)
            most = _WAITS_MOST if known is None else _VERSION_MOST
            await self._entries.again(work, doubling(work.attempts, _WAITS_FIRST, most))

    async def _soon(self, works: Iterable[Work]) -> None:
        """Who still waits, waits for a version: look again soon, however long the customer itself took to come."""
        due_at = now_ms() + int(_VERSION_MOST.total_seconds() * 1000)
        sooner = {"$set": {"due_at": due_at}}
        updates = [(work.entry_id, {"due_at": {"$gt": due_at}}, sooner) for work in works]
        await self._engine.store.update_each(OPEN_WORK, updates)

    async def _pages(self, customer_id: str, first: list[Work] | None) -> AsyncIterator[list[Work]]:
        """`first`: of what is held, where it was found already."""
        for job in (HELD, WAITING):
            page = await self._page(job, customer_id) if first is None or job != HELD else first
            while page:
                yield page
                page = await self._page(job, customer_id, after=page[-1].id) if len(page) == PAGE else []

    async def _page(self, job: str, customer_id: str, after: str = "") -> list[Work]:
        return await self._engine.jobs.find(job, customer_id, after=after, limit=PAGE)

    async def _review(self, page: Iterable[Work], job: str, cause: Cause | None) -> None:
        """One save for all invoices of a page; each partner's on its own."""
        by_partner: defaultdict[str, list[Work]] = defaultdict(list)
        for work in page:
            by_partner[work.partner_id].append(work)
        for partner_id, works in by_partner.items():
            meta = work_meta(partner_id, job, cause)
            changes = [reviewing(Which(work.id, work.customer_id, partner_id, meta.stamp)) for work in works]
            await self._engine.execute(changes, meta)

    async def _clear(self, account: Account, version: int, cause: Cause | None) -> Account:
        def decide(known: Account | None, _reads: Reads) -> Decision[Account, object]:
            return released(known or account, version)

        change: Change[Account, object] = Change(ACCOUNT, account.customer_id, decide, once=False)
        outcome = await self._engine.execute([change], work_meta(account.partner_id, RELEASE, cause))
        return outcome.state_of(ACCOUNT, account.customer_id)
