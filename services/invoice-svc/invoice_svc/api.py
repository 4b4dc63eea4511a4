"""The routes of invoice-svc: the same commands and handlers as on the command topic, asked over HTTP."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request
from pydantic import TypeAdapter
from starlette.responses import Response

from invoice_svc.aggregates import ACCOUNT, INVOICE, SETTINGS
from invoice_svc.domain.explaining import Explained, explain
from invoice_svc.domain.invoice import Invoice
from invoice_svc.domain.settings import Settings
from invoice_svc.handlers import (
    close_invoice,
    create_invoice,
    deliver_invoice,
    finalize_invoice,
    put_settings,
    record_payment,
)
from invoice_svc.lists import Lists
from invoice_svc.messages import shown
from invoice_svc.settings_shape import PutSettings, ShownSettings, shown_settings
from invoice_svc.workers.mailer import Pdf, PdfFailed, Seller
from shared.contracts import invoice_shapes, invoices
from shared.engine.change import Change
from shared.engine.decision import no_such
from shared.engine.engine import Engine
from shared.engine.errors import Unavailable
from shared.web.auth import Caller
from shared.web.body import Body, read, takes
from shared.web.etag import entity, etag, expected_version
from shared.web.idempotency import request_meta

Handle = Callable[[Any, Any], Iterable[Change[Any, Any]]]
_OF_PATH: Final = ("partner_id", "customer_id", "invoice_id")
_ONE: Final[dict[int | str, dict[str, Any]]] = {200: {"model": invoice_shapes.Invoice}}
_PDF: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"application/pdf": {}}}}
_EXPLAINED: Final = TypeAdapter(Explained)


class Routes:
    """One invoice at a time. `seller`: for partners that have settled no sender."""

    def __init__(self, engine: Engine, pdf: Pdf, seller: Seller) -> None:
        self._engine, self._pdf, self._seller = engine, pdf, seller

    async def create(self, request: Request, caller: Caller, body: Body) -> Response:
        command = read(invoices.CreateInvoice, body.data, partner_id=caller.partner_id)
        meta = request_meta(request, caller, body.raw)
        outcome = await self._engine.execute(create_invoice.handle(command, meta), meta)
        invoice = outcome.state_of(INVOICE, command.invoice_id or create_invoice.new_invoice_id(meta))
        where = f"/v1/invoices/{invoice.invoice_id}"
        return entity(request, shown(invoice), invoice.version, status=201, location=where)

    async def one(self, request: Request, caller: Caller, invoice_id: str) -> Response:
        invoice = await self._own(caller, invoice_id)
        return entity(request, shown(invoice), invoice.version)

    async def pdf(self, caller: Caller, invoice_id: str) -> Response:
        """The invoice as it is mailed; of a draft, marked as such."""
        invoice = await self._own(caller, invoice_id)
        settings = await self._engine.read(SETTINGS, caller.partner_id)
        sender = settings.sender if settings else None
        seller = Seller(sender.name, sender.address) if sender else self._seller
        try:
            made = await self._pdf.render(shown(invoice), seller)
        except PdfFailed as error:
            raise Unavailable(str(error)) from None
        name = invoice.number or f"draft-{invoice.invoice_id}"
        headers = {"ETag": etag(invoice.version), "Content-Disposition": f'inline; filename="{_plain(name)}.pdf"'}
        return Response(made, headers=headers, media_type="application/pdf")

    async def explain(self, caller: Caller, invoice_id: str) -> Response:
        """Why it is due when it is, what it comes to, and why it is or is not on its way."""
        invoice = await self._own(caller, invoice_id)
        account = await self._engine.read(ACCOUNT, invoice.customer_id)
        return Response(_EXPLAINED.dump_json(explain(invoice, account)), media_type="application/json")

    async def settings(self, request: Request, caller: Caller) -> Response:
        found = await self._engine.read(SETTINGS, caller.partner_id)
        return _settings(request, found or Settings(caller.partner_id))

    async def put_settings(self, request: Request, caller: Caller, body: Body) -> Response:
        wanted = read(PutSettings, body.data, partner_id=caller.partner_id)
        meta = request_meta(request, caller, body.raw)
        change = put_settings.handle(wanted.asked(), meta, expected_version=expected_version(request))
        return _settings(request, (await self._engine.execute(change, meta)).state_of(SETTINGS, caller.partner_id))

    def step(self, command: type[invoices.InvoiceCommand], handle: Handle) -> Callable[..., Any]:
        """A route whose body has what the command asks beside the invoice."""

        async def route(request: Request, caller: Caller, invoice_id: str, body: Body) -> Response:
            customer_id = (await self._own(caller, invoice_id)).customer_id
            ids = {"partner_id": caller.partner_id, "customer_id": customer_id, "invoice_id": invoice_id}
            given = read(command, body.data, **ids)
            meta = request_meta(request, caller, body.raw)
            outcome = await self._engine.execute(handle(given, meta), meta)
            invoice = outcome.state_of(INVOICE, given.invoice_id)
            return entity(request, shown(invoice), invoice.version)

        return route

    async def _own(self, caller: Caller, invoice_id: str) -> Invoice:
        invoice = await self._engine.read(INVOICE, invoice_id.lower())
        if invoice is None or invoice.partner_id != caller.partner_id:
            raise no_such("invoice_id")
        return invoice


def _settings(request: Request, found: Settings) -> Response:
    return entity(request, shown_settings(found), found.told_version)


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name)


def router(engine: Engine, pdf: Pdf, seller: Seller) -> APIRouter:
    """The table of routes."""
    found, of_one = APIRouter(prefix="/v1", tags=["invoices"]), Routes(engine, pdf, seller)
    on = partial(found.add_api_route, responses=_ONE)
    shape: dict[int | str, dict[str, Any]] = {200: {"model": ShownSettings}}
    found.add_api_route("/settings", of_one.settings, methods=["GET"], responses=shape)
    put = takes(PutSettings)
    found.add_api_route("/settings", of_one.put_settings, methods=["PUT"], responses=shape, openapi_extra=put)
    found.add_api_route("/invoices", Lists(engine.store).invoices, methods=["GET"], name="list invoices")
    new: dict[int | str, dict[str, Any]] = {201: {"model": invoice_shapes.Invoice}}
    body = takes(invoices.CreateInvoice)
    found.add_api_route(
        "/invoices", of_one.create, methods=["POST"], status_code=201, responses=new, openapi_extra=body
    )
    on("/invoices/{invoice_id}", of_one.one, methods=["GET"])
    found.add_api_route("/invoices/{invoice_id}/pdf", of_one.pdf, methods=["GET"], responses=_PDF)
    explained: dict[int | str, dict[str, Any]] = {200: {"model": Explained}}
    found.add_api_route("/invoices/{invoice_id}/explain", of_one.explain, methods=["GET"], responses=explained)
    for verb, (command, handle) in _STEPS.items():
        asked = takes(command, given=_OF_PATH, required=command is invoices.RecordPayment)
        on(
            f"/invoices/{{invoice_id}}/{verb}",
            of_one.step(command, handle),
            methods=["POST"],
            name=verb,
            openapi_extra=asked,
        )
    return found


_STEPS: Final[dict[str, tuple[type[invoices.InvoiceCommand], Handle]]] = {
    "finalize": (invoices.FinalizeInvoice, finalize_invoice.handle),
    "send": (invoices.SendInvoice, deliver_invoice.handle_send),
    "cancel-delivery": (invoices.CancelDelivery, deliver_invoice.handle_cancel),
    "hold": (invoices.HoldInvoice, deliver_invoice.handle_hold),
    "release": (invoices.ReleaseInvoice, deliver_invoice.handle_release),
    "discard": (invoices.DiscardInvoice, close_invoice.handle_discard),
    "void": (invoices.VoidInvoice, close_invoice.handle_void),
    "payments": (invoices.RecordPayment, record_payment.handle),
}
