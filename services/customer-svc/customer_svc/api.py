"""The routes of customer-svc: the same commands and handlers as on the command topic, asked over HTTP."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from customer_svc import lists
from customer_svc.aggregates import CUSTOMER
from customer_svc.handlers import (
    also_wrong,
    change_standing,
    create_customer,
    link_integration,
    set_payment_terms,
    update_customer,
)
from customer_svc.messages import shown
from shared.contracts import customers
from shared.contracts.base import Command
from shared.engine.change import Change
from shared.engine.decision import Problem, Refused, no_such
from shared.engine.engine import Engine
from shared.web.auth import Caller
from shared.web.body import Body, JsonBody, read, takes
from shared.web.etag import entity, expected_version
from shared.web.idempotency import request_meta

C = TypeVar("C", bound=Command)
Versioned = Callable[..., Iterable[Change[Any, Any]]]
_OF_PATH = ("partner_id", "customer_id")
_ONE: dict[int | str, dict[str, Any]] = {200: {"model": customers.Customer}}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request about one customer."""

    request: Request
    caller: Caller
    customer_id: str
    body: JsonBody


class Routes:
    """One customer at a time. `region`: where a national telephone number is from, if no address tells."""

    def __init__(self, engine: Engine, region: str | None) -> None:
        self._engine, self._region = engine, region

    async def create(self, request: Request, caller: Caller, body: Body) -> Response:
        command = self._read(customers.CreateCustomer, body.data, partner_id=caller.partner_id)
        meta = request_meta(request, caller, body.raw)
        outcome = await self._engine.execute(create_customer.handle(command, meta, region=self._region), meta)
        customer = outcome.state_of(CUSTOMER, command.customer_id or create_customer.new_customer_id(meta))
        where = f"/v1/customers/{customer.customer_id}"
        return entity(request, shown(customer), customer.version, status=201, location=where)

    def _read(self, command: type[C], data: dict[str, Any], **given: str) -> C:
        """The command out of a body; where its form is wrong, its values are named too."""
        try:
            return read(command, data, **given)
        except Refused as refused:
            if any(problem.code == "NOT_FOUND" for problem in refused.problems):
                raise
            raise also_wrong.whole(command, data, refused, region=self._region) from None

    async def one(self, request: Request, caller: Caller, customer_id: str) -> Response:
        customer = await self._engine.read(CUSTOMER, customer_id.lower())
        if customer is None or customer.partner_id != caller.partner_id:
            raise no_such("customer_id")
        return entity(request, shown(customer), customer.version)

    async def update(self, request: Request, caller: Caller, customer_id: str, body: Body) -> Response:
        """The fields are the body itself; one that is not given stays as it is, null empties it."""
        asked = Asked(request, caller, customer_id, body)
        handler = partial(update_customer.handle, region=self._region)
        try:
            data = {"set": body.data, "expected_version": expected_version(request)}
            return await self._carry_out(asked, customers.UpdateCustomer, data, handler)
        except Refused as refused:
            raise _into_body(refused, "/set") from None

    async def set_terms(self, request: Request, caller: Caller, customer_id: str, body: Body) -> Response:
        """The terms are the body itself."""
        asked = Asked(request, caller, customer_id, body)
        try:
            return await self._terms(asked, body.data)
        except Refused as refused:
            raise _into_body(refused, "/payment_terms") from None

    async def drop_terms(self, request: Request, caller: Caller, customer_id: str, body: Body) -> Response:
        return await self._terms(Asked(request, caller, customer_id, body), None)

    async def _terms(self, asked: Asked, terms: dict[str, Any] | None) -> Response:
        handler = partial(set_payment_terms.handle, expected_version=expected_version(asked.request))
        return await self._carry_out(asked, customers.SetPaymentTerms, {"payment_terms": terms}, handler)

    def step(self, command: type[Any], handle: Versioned) -> Callable[..., Any]:
        """A route whose body has what the command asks beside the customer."""

        async def route(request: Request, caller: Caller, customer_id: str, body: Body) -> Response:
            handler = partial(handle, expected_version=expected_version(request))
            return await self._carry_out(Asked(request, caller, customer_id, body), command, body.data, handler)

        return route

    async def _carry_out(
        self, asked: Asked, command: type[Any], data: dict[str, Any], handler: Callable[..., Iterable[Change[Any, Any]]]
    ) -> Response:
        given = self._read(command, data, partner_id=asked.caller.partner_id, customer_id=asked.customer_id)
        meta = request_meta(asked.request, asked.caller, asked.body.raw)
        outcome = await self._engine.execute(handler(given, meta), meta)
        customer = outcome.state_of(CUSTOMER, given.customer_id)
        return entity(asked.request, shown(customer), customer.version)


def _into_body(refused: Refused, wrapped: str) -> Refused:
    """What stands under `wrapped` in the command is the body itself over HTTP."""
    return Refused(
        *(
            Problem(each.pointer.removeprefix(wrapped), each.code, each.detail)
            if each.pointer == wrapped or each.pointer.startswith(f"{wrapped}/")
            else each
            for each in refused.problems
        )
    )


def router(engine: Engine, region: str | None) -> APIRouter:
    """The table of routes."""
    found, of_one = APIRouter(prefix="/v1/customers", tags=["customers"]), Routes(engine, region)
    on = partial(found.add_api_route, responses=_ONE)
    new, in_list = takes(customers.CreateCustomer), lists.Lists(engine.store)
    found.add_api_route("", in_list.customers, methods=["GET"], name="list customers")
    created: dict[int | str, dict[str, Any]] = {201: {"model": customers.Customer}}
    found.add_api_route("", of_one.create, methods=["POST"], status_code=201, responses=created, openapi_extra=new)
    on("/{customer_id}", of_one.one, methods=["GET"])
    fields = takes(customers.CustomerFields, given=())
    on("/{customer_id}", of_one.update, methods=["PATCH"], openapi_extra=fields)
    terms, link = "/{customer_id}/payment-terms", "/{customer_id}/integration"
    on(terms, of_one.set_terms, methods=["PUT"], openapi_extra=_one_of_terms())
    on(terms, of_one.drop_terms, methods=["DELETE"])
    linked = of_one.step(customers.LinkIntegration, link_integration.handle)
    on(link, linked, methods=["PUT"], name="link", openapi_extra=takes(customers.LinkIntegration, given=_OF_PATH))
    unlinked = of_one.step(customers.UnlinkIntegration, link_integration.handle_unlink)
    on(link, unlinked, methods=["DELETE"], name="unlink")
    for verb, command, handle in (
        ("disable", customers.DisableCustomer, change_standing.disable),
        ("enable", customers.EnableCustomer, change_standing.enable),
        ("archive", customers.ArchiveCustomer, change_standing.archive),
    ):
        on(f"/{{customer_id}}/{verb}", of_one.step(command, handle), methods=["POST"], name=verb)
    found.add_api_route("/{customer_id}/timeline", in_list.timeline, methods=["GET"])
    return found


def _one_of_terms() -> dict[str, Any]:
    """The body of PUT payment-terms is the terms themselves."""
    taken = takes(customers.SetPaymentTerms)
    content = taken["requestBody"]["content"]["application/json"]
    schema = content["schema"]["properties"]["payment_terms"]
    content["schema"] = next((each for each in schema.get("anyOf", ()) if each.get("type") != "null"), schema)
    return taken
