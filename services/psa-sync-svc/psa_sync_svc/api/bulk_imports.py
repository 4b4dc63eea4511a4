"""Many imports by one request: asked for, looked at while they go on, and cancelled."""

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from psa_sync_svc.aggregates import ACCOUNTS, BULK_IMPORT, IMPORT, INTEGRATION
from psa_sync_svc.api.accounts import AccountLists, never_read
from psa_sync_svc.api.bulk_shapes import NewBulkImport, ShownBulkImport, shown_bulk
from psa_sync_svc.api.import_shapes import ShownImport, shown_import
from psa_sync_svc.api.integrations import own
from psa_sync_svc.api.trouble import told
from psa_sync_svc.domain.bulk import BulkImport, Selection
from psa_sync_svc.domain.importing import Origin, Step
from psa_sync_svc.domain.integration import Integration
from psa_sync_svc.handlers import request_bulk
from psa_sync_svc.workers.asking import InTrouble
from psa_sync_svc.workers.marking import where
from shared.engine.decision import no_such
from shared.engine.document import state_of
from shared.engine.engine import Engine
from shared.web.auth import Caller
from shared.web.body import Body, read, takes
from shared.web.etag import entity
from shared.web.idempotency import request_meta
from shared.web.paging import Page, Wanted


class BulkImports:
    def __init__(self, engine: Engine, lists: AccountLists) -> None:
        self._engine, self._lists = engine, lists

    async def request(self, request: Request, caller: Caller, body: Body) -> Response:
        """202: a worker goes through the accounts. Which they are is known by our copy of the list; where that was
        never read, this is to be asked again."""
        given = read(NewBulkImport, body.data)
        meta = request_meta(request, caller, body.raw)
        id = request_bulk.bulk_id_of(meta)
        chosen = Selection(
            given.search,
            given.active,
            None if given.account_ids is None else tuple(sorted(set(given.account_ids))),
            given.skip_likely_duplicates,
        )
        expected = 0
        if await self._engine.read(BULK_IMPORT, id) is None:
            try:
                expected = await self._expected(await own(self._engine, caller, given.integration_id), chosen)
            except InTrouble as trouble:
                return told(request, trouble)
        origin = Origin(meta.id, meta.actor, meta.correlation_id, meta.traceparent)
        wanted = BulkImport(id, caller.partner_id, given.integration_id, chosen, origin, expected)
        outcome = await self._engine.execute([request_bulk.request(wanted)], meta)
        return await self._shown(request, outcome.state_of(BULK_IMPORT, id), status=202)

    async def one(self, request: Request, caller: Caller, bulk_id: str) -> Response:
        return await self._shown(request, await self._own(caller, bulk_id))

    async def cancel(self, request: Request, caller: Caller, bulk_id: str, body: Body) -> Response:
        """Nothing more is asked for; what was asked for goes on to its end. Of one that is over nothing changes."""
        meta = request_meta(request, caller, body.raw)
        change = request_bulk.cancelling(bulk_id.lower(), caller.partner_id, meta.actor)
        outcome = await self._engine.execute([change], meta)
        return await self._shown(request, outcome.state_of(BULK_IMPORT, bulk_id.lower()))

    async def refused(self, caller: Caller, bulk_id: str, wanted: Wanted) -> Page[ShownImport]:
        """Those of its imports that were refused, and why."""
        bulk = await self._own(caller, bulk_id)
        filter: dict[str, Any] = {"q.bulk": bulk.bulk_id, "q.step": Step.REFUSED.value}
        if place := wanted.place():
            filter["_id"] = {"$gt": place[0]}
        found = await self._engine.store.find(IMPORT.collection, filter, sort=[("_id", 1)], limit=wanted.ask)
        return wanted.page(found, lambda doc: shown_import(state_of(IMPORT, doc)), lambda doc: (doc["_id"],))

    async def _own(self, caller: Caller, bulk_id: str) -> BulkImport:
        found = await self._engine.read(BULK_IMPORT, bulk_id.lower())
        if found is None or found.partner_id != caller.partner_id:
            raise no_such("bulk_id")
        return found

    async def _expected(self, integration: Integration, chosen: Selection) -> int:
        """Raises `InTrouble`."""
        if chosen.account_ids is not None:
            return len(chosen.account_ids)
        mirror = await self._lists.mirror(integration, wait=True)
        if mirror.mirrored_at is None:
            raise never_read(mirror, integration)
        return await self._engine.store.count(ACCOUNTS, where(integration, chosen))

    async def _shown(self, request: Request, bulk: BulkImport, *, status: int = 200) -> Response:
        integration = await self._engine.read(INTEGRATION, bulk.integration_id)
        shown = shown_bulk(bulk, integration)
        where = f"/v1/bulk-imports/{bulk.bulk_id}" if status == 202 else None
        return entity(request, shown, bulk.version, status=status, location=where)


_ONE: Final[dict[int | str, dict[str, Any]]] = {200: {"model": ShownBulkImport}}
_NEW: Final[dict[int | str, dict[str, Any]]] = {202: {"model": ShownBulkImport}}


def add(found: APIRouter, bulk: BulkImports) -> None:
    at, on = "/bulk-imports/{bulk_id}", found.add_api_route
    new = takes(NewBulkImport)
    on("/bulk-imports", bulk.request, methods=["POST"], status_code=202, responses=_NEW, openapi_extra=new)
    on(at, bulk.one, methods=["GET"], name="bulk import", responses=_ONE)
    on(f"{at}/cancel", bulk.cancel, methods=["POST"], name="cancel bulk import", responses=_ONE)
    on(f"{at}/refused", bulk.refused, methods=["GET"], name="refused of a bulk import")
