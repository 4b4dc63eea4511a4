"""Integrations over HTTP: made, listed, changed, tested and deleted; their credentials go in and never come out."""

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from psa_sync_svc.aggregates import INTEGRATION, LINK
from psa_sync_svc.api.credentials import credentials_of
from psa_sync_svc.api.integration_shapes import (
    IntegrationFields,
    NewIntegration,
    ShownIntegration,
    Tested,
    shown_integration,
)
from psa_sync_svc.domain.integration import Checked, Edit, Integration, Status, living
from psa_sync_svc.domain.provider import Provider
from psa_sync_svc.handlers import change_integration
from psa_sync_svc.workers.asking import Asking, InTrouble, fails, works
from psa_sync_svc.workers.psa import Permanent, Purpose
from psa_sync_svc.workers.vault import Owner
from shared.engine.change import Meta
from shared.engine.decision import Problem, Refused, refuse
from shared.engine.document import state_of
from shared.engine.engine import Engine
from shared.web.auth import Caller, Principal
from shared.web.body import Body, JsonBody, read, takes
from shared.web.etag import entity, expected_version
from shared.web.idempotency import request_meta
from shared.web.paging import Page, Wanted


async def own(engine: Engine, caller: Principal, integration_id: str) -> Integration:
    """The caller's integration; 404 for another's and for one that was deleted."""
    known = await engine.read(INTEGRATION, integration_id.lower())
    found = living(known, caller.partner_id)
    if found is None:
        raise refuse("/integration_id", "NOT_FOUND", "there is no such integration")
    return found


class Integrations:
    """`limit_s`: how long a test may take."""

    def __init__(self, engine: Engine, asking: Asking, *, limit_s: float) -> None:
        self._engine, self._asking, self._limit_s = engine, asking, limit_s

    async def create(self, request: Request, caller: Caller, body: Body) -> Response:
        given, credentials = _new(body.data)
        meta = self._meta(request, caller, body)
        id = change_integration.new_integration_id(meta)
        sealed = self._asking.vault.seal(Owner(caller.partner_id, id), credentials)
        wanted = Integration(
            id,
            caller.partner_id,
            given.provider,
            given.name,
            given.base_url,
            sealed,
            policies=given.policies.given(),
        )
        await self._check_address(wanted, credentials, given.base_url)
        outcome = await self._engine.execute(change_integration.create(wanted), meta)
        made = outcome.state_of(INTEGRATION, id)
        where = f"/v1/integrations/{id}"
        return entity(request, shown_integration(made), made.version, status=201, location=where)

    async def all(self, caller: Caller, wanted: Wanted) -> Page[ShownIntegration]:
        """By name."""
        place = wanted.place()
        order = {"$gt": place[0] if place else ""}
        filter = {"partner_id": caller.partner_id, "q.order": order}
        found = await self._engine.store.find(INTEGRATION.collection, filter, sort=[("q.order", 1)], limit=wanted.ask)
        return wanted.page(
            found, lambda doc: shown_integration(state_of(INTEGRATION, doc)), lambda doc: (doc["q"]["order"],)
        )

    async def one(self, request: Request, caller: Caller, integration_id: str) -> Response:
        found = await own(self._engine, caller, integration_id)
        return entity(request, shown_integration(found), found.version)

    async def update(self, request: Request, caller: Caller, integration_id: str, body: Body) -> Response:
        """What is not given stays as it is."""
        known = await own(self._engine, caller, integration_id)
        change, credentials = self._edit(known, body.data)
        if credentials is not None:
            await self._check_address(known, credentials, change.get("base_url", known.base_url))
        changes = change_integration.edit(known.integration_id, change, expected_version=expected_version(request))
        outcome = await self._engine.execute(changes, self._meta(request, caller, body))
        found = outcome.state_of(INTEGRATION, known.integration_id)
        if found.connection != known.connection:
            await self._asking.resume(found)
        return entity(request, shown_integration(found), found.version)

    async def delete(self, request: Request, caller: Caller, integration_id: str, body: Body) -> Response:
        """Not while customers are linked with accounts of it."""
        known = await own(self._engine, caller, integration_id)
        linked = {"partner_id": caller.partner_id, "q.integration": known.integration_id}
        links = await self._engine.store.count(LINK.collection, linked)
        changes = change_integration.delete(
            known.integration_id, links=links, expected_version=expected_version(request)
        )
        await self._engine.execute(changes, self._meta(request, caller, body))
        return Response(status_code=204)

    async def test(self, request: Request, caller: Caller, integration_id: str, body: Body) -> Response:
        """Calls the PSA and tells what came of it; where calls had stopped and it works, they go on."""
        known = await own(self._engine, caller, integration_id)
        checked = await self._check(known)
        outcome = await self._engine.execute(change_integration.test(known, checked), self._meta(request, caller, body))
        found = outcome.state_of(INTEGRATION, known.integration_id)
        if checked.status is Status.CONNECTED:
            await self._asking.resume(found)
        told = Tested(
            ok=found.status is Status.CONNECTED,
            status=found.status,
            code=found.code,
            detail=found.detail,
            checked_at=found.checked_at,
        )
        return JSONResponse(told.model_dump(mode="json"))

    async def _check(self, known: Integration) -> Checked:
        try:
            await self._asking.ask(known, "test", lambda psa: psa.check(), purpose=Purpose.TEST, limit_s=self._limit_s)
        except InTrouble as trouble:
            return fails(known, trouble)
        return works(known)

    def _edit(self, known: Integration, data: dict[str, Any]) -> tuple[Edit, dict[str, str] | None]:
        given = read(IntegrationFields, data)
        change: Edit = {}
        if "name" in given.model_fields_set:
            change["name"] = given.name
        if "base_url" in given.model_fields_set:
            change["base_url"] = given.base_url
        if "policies" in given.model_fields_set:
            change["policies"] = given.policies.given()
        if "credentials" not in given.model_fields_set:
            return change, None
        credentials = credentials_of(known.provider, data["credentials"])
        change["credentials"] = self._asking.vault.seal(Owner(known.partner_id, known.integration_id), credentials)
        return change, credentials

    async def _check_address(self, integration: Integration, credentials: dict[str, str], base_url: str | None) -> None:
        try:
            await self._asking.check_address(integration, credentials, base_url)
        except Permanent as error:
            raise refuse("/base_url", "INVALID", error.detail) from None

    def _meta(self, request: Request, caller: Principal, body: JsonBody) -> Meta:
        """What is kept to recognise a body is no hash of the secrets in it."""
        return request_meta(request, caller, self._asking.vault.fingerprint(body.raw))


def _new(data: dict[str, Any]) -> tuple[NewIntegration, dict[str, str]]:
    """Everything that is wrong at once, the credentials included."""
    problems: list[Problem] = []
    given = credentials = None
    try:
        given = read(NewIntegration, data)
    except Refused as refused:
        problems += refused.problems
    if data.get("provider") in set(Provider) and "credentials" in data:
        try:
            credentials = credentials_of(Provider(data["provider"]), data["credentials"])
        except Refused as refused:
            problems += refused.problems
    if given is None or credentials is None:
        raise Refused(*problems)
    return given, credentials


_ONE: Final[dict[int | str, dict[str, Any]]] = {200: {"model": ShownIntegration}}
_NEW: Final[dict[int | str, dict[str, Any]]] = {201: {"model": ShownIntegration}}
_TESTED: Final[dict[int | str, dict[str, Any]]] = {200: {"model": Tested}}


def add(found: APIRouter, of_one: Integrations) -> None:
    on = found.add_api_route
    at, new, fields = "/integrations/{integration_id}", takes(NewIntegration), takes(IntegrationFields)
    on("/integrations", of_one.all, methods=["GET"], name="list integrations")
    on("/integrations", of_one.create, methods=["POST"], status_code=201, responses=_NEW, openapi_extra=new)
    on(at, of_one.one, methods=["GET"], responses=_ONE)
    on(at, of_one.update, methods=["PATCH"], responses=_ONE, openapi_extra=fields)
    on(at, of_one.delete, methods=["DELETE"], status_code=204)
    on(f"{at}/test", of_one.test, methods=["POST"], responses=_TESTED)
