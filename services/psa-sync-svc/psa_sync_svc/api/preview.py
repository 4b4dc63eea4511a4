"""What a bulk import would do, before it is asked for: the mirrored accounts, each marked, and how many of each."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from psa_sync_svc.aggregates import ACCOUNTS
from psa_sync_svc.api.accounts import AccountLists, Search, never_read
from psa_sync_svc.api.bulk_shapes import PreviewCounts, Previewed, PreviewPage
from psa_sync_svc.api.integrations import own
from psa_sync_svc.api.trouble import told
from psa_sync_svc.domain.bulk import Selection
from psa_sync_svc.domain.integration import Integration
from psa_sync_svc.domain.likeness import Mark
from psa_sync_svc.workers.marking import Marked, Marking, where
from shared.contracts.psa import PsaAccount
from shared.engine.engine import Engine
from shared.engine.ports import Doc
from shared.web.auth import Caller
from shared.web.paging import Wanted

Active = Annotated[bool | None, Query(description="only those that are active in the PSA, or only the others")]


class Preview:
    """Reads; nothing is asked of the PSA but a fresh list, where ours is old."""

    def __init__(self, engine: Engine, lists: AccountLists, marking: Marking) -> None:
        self._engine, self._lists, self._marking = engine, lists, marking

    async def page(
        self,
        request: Request,
        caller: Caller,
        integration_id: str,
        wanted: Wanted,
        *,
        search: Search = None,
        active: Active = None,
    ) -> Response:
        """By name. An account like a customer by its name, without legal form, or by its number may be that customer:
        a bulk import leaves it out unless told otherwise."""
        integration = await own(self._engine, caller, integration_id)
        selection, place = Selection(search, active), wanted.place()
        mirror = await self._lists.mirror(integration, wait=True)
        if mirror.mirrored_at is None:
            return told(request, never_read(mirror, integration))
        filter: dict[str, Any] = where(integration, selection) | ({"order": {"$gt": place[0]}} if place else {})
        found = await self._engine.store.find(ACCOUNTS, filter, sort=[("order", 1)], limit=wanted.ask)
        marks = await self._marking.mark(integration, found[: wanted.limit])
        page = wanted.page(found, lambda doc: _previewed(doc, marks[doc["_id"]]), lambda doc: (doc["order"],))
        counts = None if place else await self._counts(integration, selection)
        answer = PreviewPage(
            items=page.items, next=page.next, counts=counts, mirrored_at=mirror.mirrored_at, refreshing=mirror.due
        )
        return JSONResponse(answer.model_dump(mode="json"))

    async def _counts(self, integration: Integration, selection: Selection) -> PreviewCounts:
        found = await self._marking.counts(integration, selection)
        return PreviewCounts(
            found=found.total(),
            new=found[Mark.NEW],
            linked=found[Mark.LINKED],
            likely_duplicate=found[Mark.LIKELY_DUPLICATE],
        )


def _previewed(doc: Doc, marked: Marked) -> Previewed:
    account = PsaAccount.model_validate(doc["account"])
    return Previewed(account=account, mark=marked.mark, customers=marked.customers)


_PAGE: Final[dict[int | str, dict[str, Any]]] = {200: {"model": PreviewPage}}


def add(found: APIRouter, preview: Preview) -> None:
    at = "/integrations/{integration_id}/import-preview"
    found.add_api_route(at, preview.page, methods=["GET"], name="import preview", responses=_PAGE)
