"""Conflicts over HTTP: listed, the newest first, and decided by the same handler as on the topic."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from psa_sync_svc.aggregates import CONFLICT
from psa_sync_svc.api.sync_shapes import ShownConflict, shown_conflict
from psa_sync_svc.handlers import resolve_conflict
from shared.contracts.psa import ResolveConflict
from shared.engine.document import state_of
from shared.engine.engine import Engine
from shared.web.auth import Caller
from shared.web.body import Body, read, takes
from shared.web.etag import entity
from shared.web.idempotency import request_meta
from shared.web.paging import Page, Wanted

Status = Annotated[
    Literal["open", "resolved"] | None, Query(description="only those that are open, or only those that are over")
]


class Conflicts:
    """`region`: where a national telephone number is from, if no address tells."""

    def __init__(self, engine: Engine, region: str | None) -> None:
        self._engine, self._region = engine, region

    async def all(self, caller: Caller, wanted: Wanted, status: Status = None) -> Page[ShownConflict]:
        filter: dict[str, Any] = {"partner_id": caller.partner_id}
        if status is not None:
            filter["q.status"] = status
        if place := wanted.place():
            filter["q.order"] = {"$lt": place[0]}
        found = await self._engine.store.find(CONFLICT.collection, filter, sort=[("q.order", -1)], limit=wanted.ask)
        return wanted.page(found, lambda doc: shown_conflict(state_of(CONFLICT, doc)), lambda doc: (doc["q"]["order"],))

    async def resolve(self, request: Request, caller: Caller, conflict_id: str, body: Body) -> Response:
        """What is chosen goes to both sides. 409 for one that is over."""
        command = read(ResolveConflict, body.data, partner_id=caller.partner_id, conflict_id=conflict_id)
        meta = request_meta(request, caller, body.raw)
        changes = resolve_conflict.handle(command, meta, region=self._region)
        outcome = await self._engine.execute(changes, meta)
        found = outcome.state_of(CONFLICT, command.conflict_id)
        return entity(request, shown_conflict(found), found.version)


_ONE: Final[dict[int | str, dict[str, Any]]] = {200: {"model": ShownConflict}}


def add(found: APIRouter, conflicts: Conflicts) -> None:
    found.add_api_route("/conflicts", conflicts.all, methods=["GET"], name="list conflicts")
    found.add_api_route(
        "/conflicts/{conflict_id}/resolve",
        conflicts.resolve,
        methods=["POST"],
        name="resolve",
        responses=_ONE,
        openapi_extra=takes(ResolveConflict, given=("partner_id", "conflict_id")),
    )
