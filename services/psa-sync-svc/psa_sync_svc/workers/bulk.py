"""Goes through an integration's accounts and makes an import of each that is wanted, a bounded number open at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

from psa_sync_svc.aggregates import ACCOUNTS, BULK, BULK_IMPORT, IMPORT, INTEGRATION, account_key, import_id
from psa_sync_svc.domain.bulk import BulkDecision, BulkImport, Stretch, Tally, cancel, count, go_through
from psa_sync_svc.domain.importing import Asked, Import, ImportFact, Step, request
from psa_sync_svc.domain.integration import Integration, living
from psa_sync_svc.domain.likeness import Mark
from psa_sync_svc.workers.asking import now
from psa_sync_svc.workers.envelope import work_meta
from psa_sync_svc.workers.marking import Marked, Marking
from shared.engine.change import Cause, Change, Meta, Reads, Ref
from shared.engine.decision import Decision
from shared.engine.engine import Engine
from shared.engine.entries import Entries, later
from shared.engine.failpoints import failpoint
from shared.engine.outbox import derived_id
from shared.engine.work import Work

PAGE: Final = 200
_PAUSE: Final = timedelta(seconds=1)
_NEW: Final = Marked(Mark.NEW)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A stretch of accounts, and those among them that have to be asked for."""

    stretch: Stretch
    wanted: tuple[Import, ...]


class Bulk:
    """A step at a time, each of which may be done twice: an import's id comes of the wish and the account, and the
    cursor goes on once."""

    def __init__(self, engine: Engine, marking: Marking, *, open_at_once: int) -> None:
        self._engine, self._marking, self._most = engine, marking, open_at_once
        self._entries = Entries(engine)

    async def step(self, work: Work) -> None:
        found = await self._entries.find(BULK_IMPORT, work)
        bulk = found.state
        if bulk is None or not bulk.due:
            await self._entries.not_needed(work, found.rev)
            return
        pause = _PAUSE
        if bulk.walking:
            known = await self._engine.read(INTEGRATION, bulk.integration_id)
            integration = living(known, bulk.partner_id)
            if integration is None:
                bulk = await self._save(bulk, partial(cancel, reason="the integration was deleted"))
            elif integration.callable_by_ourselves:
                before, bulk = bulk, await self._ask_more(bulk, integration)
                pause = _PAUSE if bulk.cursor == before.cursor else timedelta()
        tally = await self._tally(bulk)
        bulk = await self._save(bulk, partial(count, tally=tally, at=now()))
        if bulk.due:
            full = tally.asked - tally.imported - tally.refused >= self._most
            await self._engine.jobs.postpone(work, later(_PAUSE if full or not bulk.walking else pause))

    async def _ask_more(self, bulk: BulkImport, integration: Integration) -> BulkImport:
        room = self._most - await self._count(bulk, Step.PENDING) - await self._count(bulk, Step.ANSWERED)
        if room <= 0:
            return bulk
        chosen = await self._choose(bulk, integration, room)
        if chosen.wanted:
            await self._engine.execute([_asking(each) for each in chosen.wanted], _meta(bulk))
        failpoint("bulk-asked")
        return await self._save(bulk, partial(go_through, stretch=chosen.stretch))

    async def _choose(self, bulk: BulkImport, integration: Integration, room: int) -> _Chosen:
        """What was asked for before a crash is linked by now, or like its own customer: it counts as asked for."""
        page = await self._page(bulk, integration)
        imports = {id: _import(bulk, id) for id, _ in page}
        ids = {id: import_id(bulk.partner_id, each.request_id) for id, each in imports.items()}
        there = await self._engine.read_many(IMPORT, list(ids.values()))
        wanted: list[Import] = []
        until, found, linked, skipped = bulk.cursor, 0, 0, 0
        for id, marked in page:
            if ids[id] not in there:
                if marked.mark is Mark.LINKED:
                    linked += 1
                elif marked.mark is Mark.LIKELY_DUPLICATE and bulk.selection.skip_likely_duplicates:
                    skipped += 1
                elif len(wanted) == room:
                    break
                else:
                    wanted.append(imports[id])
            until, found = id, found + 1
        last = found == len(page) < PAGE
        return _Chosen(Stretch(bulk.cursor, until, last, found, linked, skipped), tuple(wanted))

    async def _page(self, bulk: BulkImport, integration: Integration) -> Sequence[tuple[str, Marked]]:
        """An account that was named and that the mirror does not have is asked for: the PSA knows best."""
        if bulk.selection.account_ids is None:
            docs = await self._marking.after(integration, bulk.selection, bulk.cursor, PAGE)
            marks = await self._marking.mark(integration, docs)
            return [(doc["account"]["account_id"], marks[doc["_id"]]) for doc in docs]
        named = [id for id in bulk.selection.account_ids if id > bulk.cursor][:PAGE]
        keys = {id: account_key(bulk.partner_id, bulk.integration_id, id) for id in named}
        marks = await self._marking.mark(integration, await self._engine.store.get_many(ACCOUNTS, list(keys.values())))
        return [(id, marks.get(keys[id], _NEW)) for id in named]

    async def _tally(self, bulk: BulkImport) -> Tally:
        """Counted where they are, so that however often an end is told, it counts once."""
        complete = not bulk.walking
        asked = await self._count(bulk)
        imported, refused = await self._count(bulk, Step.IMPORTED), await self._count(bulk, Step.REFUSED)
        return Tally(asked, imported, refused, complete)

    async def _count(self, bulk: BulkImport, step: Step | None = None) -> int:
        filter: dict[str, Any] = {"q.bulk": bulk.bulk_id} | ({"q.step": step.value} if step else {})
        return await self._engine.store.count(IMPORT.collection, filter)

    async def _save(self, bulk: BulkImport, rule: Callable[[BulkImport], BulkDecision]) -> BulkImport:
        def decide(known: BulkImport | None, _reads: Reads) -> BulkDecision:
            return rule(known or bulk)

        change: Change[Any, Any] = Change(BULK_IMPORT, bulk.bulk_id, decide, once=False)
        outcome = await self._engine.execute([change], _meta(bulk))
        return outcome.state_of(BULK_IMPORT, bulk.bulk_id)


def _meta(bulk: BulkImport) -> Meta:
    origin = bulk.origin
    return work_meta(bulk.partner_id, BULK, Cause(origin.correlation_id, origin.message_id, origin.traceparent))


def _import(bulk: BulkImport, account_id: str) -> Import:
    request_id = derived_id(bulk.bulk_id, "account", account_id)
    return Import(
        request_id, bulk.partner_id, bulk.integration_id, account_id, Asked(), bulk.origin, bulk_id=bulk.bulk_id
    )


def _asking(wanted: Import) -> Change[Import, ImportFact]:
    integration = Ref(INTEGRATION, wanted.integration_id)

    def decide(known: Import | None, reads: Reads) -> Decision[Import, ImportFact]:
        return request(known, wanted, reads[integration])

    return Change(IMPORT, import_id(wanted.partner_id, wanted.request_id), decide, reads=(integration,), once=False)
