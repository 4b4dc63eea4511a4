"""Imports over HTTP: the same command as on the topic; how it goes on is looked up here or heard on the topics."""

from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from psa_sync_svc.aggregates import IMPORT, import_id
from psa_sync_svc.api.import_shapes import ShownImport, shown_import
from psa_sync_svc.api.integrations import own
from psa_sync_svc.handlers import request_import
from shared.contracts.psa import ImportCustomer
from shared.engine.decision import refuse
from shared.engine.engine import Engine
from shared.web.auth import Caller
from shared.web.body import Body, read, takes
from shared.web.etag import entity
from shared.web.idempotency import request_meta


class Imports:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def request(self, request: Request, caller: Caller, body: Body) -> Response:
        """202: the account has yet to be read. An integration that there is not is told at once; whoever asks again for
        an import that there is has it as an answer, whatever became of the integration."""
        command = read(ImportCustomer, body.data, partner_id=caller.partner_id)
        meta = request_meta(request, caller, body.raw)
        request_id = request_import.request_id_of(command, meta)
        id = import_id(caller.partner_id, request_id)
        if await self._engine.read(IMPORT, id) is None:
            await own(self._engine, caller, command.integration_id)
        outcome = await self._engine.execute(request_import.handle(command, meta), meta)
        import_ = outcome.state_of(IMPORT, id)
        where = f"/v1/imports/{quote(request_id, safe='')}"
        return entity(request, shown_import(import_), import_.version, status=202, location=where)

    async def one(self, request: Request, caller: Caller, request_id: str) -> Response:
        found = await self._engine.read(IMPORT, import_id(caller.partner_id, request_id))
        if found is None:
            raise refuse("/request_id", "NOT_FOUND", "there is no such import")
        return entity(request, shown_import(found), found.version)


_ONE: Final[dict[int | str, dict[str, Any]]] = {200: {"model": ShownImport}}
_NEW: Final[dict[int | str, dict[str, Any]]] = {202: {"model": ShownImport}}


def add(found: APIRouter, imports: Imports) -> None:
    found.add_api_route(
        "/imports",
        imports.request,
        methods=["POST"],
        status_code=202,
        name="import",
        responses=_NEW,
        openapi_extra=takes(ImportCustomer),
    )
    found.add_api_route(
        "/imports/{request_id:path}", imports.one, methods=["GET"], name="import status", responses=_ONE
    )
