"""Linked customers over HTTP: how each field stands and where its value came from, and taking its last sync back."""

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from psa_sync_svc.aggregates import LINK
from psa_sync_svc.api.sync_shapes import ShownLink, shown_link
from psa_sync_svc.domain.fields import Field
from psa_sync_svc.domain.link import Link, LinkedAccount
from psa_sync_svc.handlers import undo_sync
from shared.engine.decision import no_such
from shared.engine.engine import Engine
from shared.web.auth import Caller, Principal
from shared.web.body import Body
from shared.web.idempotency import request_meta


class Links:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def one(self, caller: Caller, customer_id: str) -> Response:
        """404 for a customer that is not linked, as far as customer-svc has told."""
        link, account = await self._own(caller, customer_id)
        return _told(link, account)

    async def undo(self, request: Request, caller: Caller, customer_id: str, field: str, body: Body) -> Response:
        """Both sides get what the one that was overwritten had before. 409 where the field has changed since."""
        if field not in set(Field):
            raise no_such("field")
        link, account = await self._own(caller, customer_id)
        meta = request_meta(request, caller, body.raw)
        changes = undo_sync.handle(link.customer_id, account.integration_id, Field(field), meta)
        outcome = await self._engine.execute(changes, meta)
        found = outcome.state_of(LINK, link.customer_id)
        return _told(found, found.account or account)

    async def _own(self, caller: Principal, customer_id: str) -> tuple[Link, LinkedAccount]:
        found = await self._engine.read(LINK, customer_id.lower())
        if found is None or found.partner_id != caller.partner_id or found.account is None:
            raise no_such("customer_id")
        return found, found.account


def _told(link: Link, account: LinkedAccount) -> Response:
    return JSONResponse(shown_link(link, account).model_dump(mode="json"))


_ONE: Final[dict[int | str, dict[str, Any]]] = {200: {"model": ShownLink}}


def add(found: APIRouter, links: Links) -> None:
    at = "/links/{customer_id}"
    found.add_api_route(at, links.one, methods=["GET"], name="link", responses=_ONE)
    found.add_api_route(f"{at}/fields/{{field}}/undo", links.undo, methods=["POST"], name="undo", responses=_ONE)
