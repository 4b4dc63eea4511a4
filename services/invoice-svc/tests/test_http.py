"""The same rules over HTTP: settings, invoices, their steps, versions, keys, problems and lists."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

LINES = [{"description": "Internet", "quantity": "1", "unit_price": "100.00", "tax_rate": "0.1"}]


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://invoices") as client:
        yield client


def order(customer: Any, **fields: Any) -> dict[str, Any]:
    return {"customer_id": customer.customer_id, "currency": "AUD", "lines": LINES, **fields}


async def made(http: httpx.AsyncClient, customer: Any, **fields: Any) -> dict[str, Any]:
    answer = await http.post("/v1/invoices", json=order(customer, **fields))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def errors(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.headers["content-type"] == "application/problem+json"
    return [(problem["pointer"], problem["code"]) for problem in answer.json()["errors"]]


async def test_an_invoice_is_made_numbered_and_read_where_it_is(
    http: httpx.AsyncClient, service: Any, customer: Any
) -> None:
    await service.hear(customer.told(email="accounts@riverside.example"))

    answer = await http.post("/v1/invoices", json=order(customer, send=True))

    read = await http.get(answer.headers["location"])
    assert (answer.status_code, read.json(), read.headers["etag"]) == (201, answer.json(), answer.headers["etag"])
    shown = read.json()
    assert (shown["number"], shown["document"], shown["total"]) == ("INV-00001", "finalized", "110.00")
    assert shown["delivery"]["state"] == "queued"
    assert shown["payment"] == {"state": "unpaid", "paid": "0.00"}


async def test_the_steps_of_an_invoice(http: httpx.AsyncClient, service: Any, customer: Any) -> None:
    await service.hear(customer.told())
    invoice = await made(http, customer)
    at = f"/v1/invoices/{invoice['invoice_id']}"

    assert (await http.post(f"{at}/finalize")).json()["document"] == "finalized"
    assert (await http.post(f"{at}/send", json={})).json()["delivery"]["reasons"] == ["EMAIL_MISSING"]
    assert (await http.post(f"{at}/hold")).json()["delivery"]["reasons"] == ["EMAIL_MISSING", "MANUAL_HOLD"]
    assert (await http.post(f"{at}/release")).json()["delivery"]["reasons"] == ["EMAIL_MISSING"]
    assert (await http.post(f"{at}/cancel-delivery")).json()["delivery"]["state"] == "cancelled"
    paid = await http.post(f"{at}/payments", json={"amount": "110.00", "paid_on": "2026-07-20"})
    assert paid.json()["payment"] == {"state": "paid", "paid": "110.00"}
    refused = await http.post(f"{at}/void")
    assert (refused.status_code, errors(refused)) == (409, [("", "CONFLICT_WITH_STATE")])


async def test_a_draft_is_discarded_and_a_number_voided(http: httpx.AsyncClient, service: Any, customer: Any) -> None:
    await service.hear(customer.told())
    draft, numbered = await made(http, customer), await made(http, customer, finalize=True)

    discarded = await http.post(f"/v1/invoices/{draft['invoice_id']}/discard")
    voided = await http.post(f"/v1/invoices/{numbered['invoice_id']}/void")

    assert (discarded.json()["document"], voided.json()["document"]) == ("discarded", "voided")


async def test_the_same_key_makes_one_invoice_and_another_body_is_refused(
    http: httpx.AsyncClient, service: Any, customer: Any
) -> None:
    await service.hear(customer.told())
    key = {"Idempotency-Key": "order-1"}

    first = await http.post("/v1/invoices", json=order(customer, finalize=True), headers=key)
    again = await http.post("/v1/invoices", json=order(customer, finalize=True), headers=key)
    other = await http.post("/v1/invoices", json=order(customer, finalize=False), headers=key)

    assert first.json() == again.json()
    assert (other.status_code, errors(other)) == (422, [("", "IDEMPOTENCY_KEY_REUSED")])


async def test_a_key_stands_for_its_body_also_where_another_body_names_another_invoice(
    http: httpx.AsyncClient, service: Any, customer: Any
) -> None:
    await service.hear(customer.told())
    key, named = {"Idempotency-Key": "order-1"}, str(uuid4())
    await http.post("/v1/invoices", json=order(customer), headers=key)

    other = await http.post("/v1/invoices", json=order(customer, invoice_id=named), headers=key)

    assert (other.status_code, errors(other)) == (422, [("", "IDEMPOTENCY_KEY_REUSED")])
    assert (await http.get(f"/v1/invoices/{named}")).status_code == 404


async def test_a_payment_that_is_sent_twice_under_one_key_is_one(
    http: httpx.AsyncClient, service: Any, customer: Any
) -> None:
    await service.hear(customer.told())
    invoice = await made(http, customer, finalize=True)
    at, key = f"/v1/invoices/{invoice['invoice_id']}/payments", {"Idempotency-Key": "payment-1"}

    for _ in range(2):
        answer = await http.post(at, json={"amount": "10.00", "paid_on": "2026-07-20"}, headers=key)

    assert answer.json()["payment"]["paid"] == "10.00"


async def test_what_is_wrong_is_told_by_field(http: httpx.AsyncClient, customer: Any) -> None:
    answer = await http.post("/v1/invoices", json=order(customer, lines=[], currency="dollars"))

    assert answer.status_code == 422
    assert {pointer for pointer, _ in errors(answer)} == {"/lines", "/currency"}


async def test_another_partner_sees_nothing_of_it(http: httpx.AsyncClient, service: Any, customer: Any) -> None:
    await service.hear(customer.told())
    at = f"/v1/invoices/{(await made(http, customer))['invoice_id']}"
    other = {"x-partner": "other"}

    answers = [await http.get(f"{at}{path}", headers=other) for path in ("", "/pdf", "/explain")]
    answers.append(await http.post(f"{at}/finalize", headers=other))

    assert [answer.status_code for answer in answers] == [404] * 4
    assert (await http.get("/v1/invoices", headers=other)).json() == {"items": [], "next": None}


@pytest.mark.parametrize("id", ["1574552a-3389-4399-ade1-1a0d58565f5f", "no-id", "%00"])
async def test_what_is_not_there_is_not_found(http: httpx.AsyncClient, id: str) -> None:
    assert (await http.get(f"/v1/invoices/{id}")).status_code == 404


async def test_the_list_is_newest_first_in_pages_and_by_filter(
    http: httpx.AsyncClient, service: Any, customer: Any
) -> None:
    await service.hear(customer.told())
    ids = [(await made(http, customer, finalize=at == 1))["invoice_id"] for at in range(3)]

    first = (await http.get("/v1/invoices", params={"limit": 2})).json()
    rest = (await http.get("/v1/invoices", params={"limit": 2, "after": first["next"]})).json()
    drafts = (await http.get("/v1/invoices", params={"document": "draft"})).json()
    elsewhere = (await http.get("/v1/invoices", params={"customer_id": str(uuid4())})).json()

    assert [each["invoice_id"] for each in first["items"] + rest["items"]] == ids[::-1]
    assert [each["invoice_id"] for each in drafts["items"]] == [ids[2], ids[0]]
    assert (rest["next"], elsewhere["items"]) == (None, [])
    assert (await http.get("/v1/invoices", params={"delivery": "lost"})).status_code == 422


async def test_settings_begin_as_defaults_and_count_for_what_is_made_later(
    http: httpx.AsyncClient, service: Any, customer: Any
) -> None:
    await service.hear(customer.told())
    defaults = await http.get("/v1/settings")
    wanted = {
        "payment_terms": {"kind": "due_on_receipt"},
        "time_zone": "Australia/Sydney",
        "number_prefix": "HIT-",
        "next_number": 7,
        "sender": {"name": "Harbour IT", "address": "billing@harbour.example"},
    }

    put = await http.put("/v1/settings", json=wanted, headers={"If-Match": defaults.headers["etag"]})
    old = await http.put("/v1/settings", json=wanted, headers={"If-Match": defaults.headers["etag"]})

    assert (defaults.json()["payment_terms"], defaults.json()["version"]) == ({"kind": "net", "days": 30}, 1)
    assert (put.status_code, put.headers["etag"], old.status_code) == (200, '"2"', 412)
    invoice = await made(http, customer, finalize=True)
    assert (invoice["number"], invoice["time_zone"]) == ("HIT-00007", "Australia/Sydney")
    assert invoice["due_date"] == invoice["issue_date"]


async def test_settings_that_cannot_be_are_told_by_field(http: httpx.AsyncClient) -> None:
    zone = await http.put("/v1/settings", json={"time_zone": "Mars/Olympus"})
    sender = await http.put("/v1/settings", json={"sender": {"name": "X", "address": "nobody"}})

    assert errors(zone) == [("/time_zone", "INVALID")]
    assert errors(sender) == [("/sender/address", "EMAIL_INVALID")]


async def test_the_pdf_is_that_of_the_invoice(http: httpx.AsyncClient, service: Any, customer: Any, press: Any) -> None:
    await service.hear(customer.told())
    at = f"/v1/invoices/{(await made(http, customer, finalize=True))['invoice_id']}/pdf"

    answer = await http.get(at)
    press.broken = True
    failed = await http.get(at)

    assert (answer.content, answer.headers["content-type"]) == (b"%PDF INV-00001 Billing", "application/pdf")
    assert failed.status_code == 503


async def test_a_due_date_and_a_hold_are_explained(http: httpx.AsyncClient, service: Any, customer: Any) -> None:
    await service.hear(customer.told())
    invoice = await made(http, customer, send=True, issue_date="2026-07-15")

    found = (await http.get(f"/v1/invoices/{invoice['invoice_id']}/explain")).json()

    assert found["due"]["due_date"] == "2026-08-14"
    assert [step["date"] for step in found["due"]["steps"]] == ["2026-07-15", "2026-08-14"]
    assert [reason["code"] for reason in found["delivery"]["reasons"]] == ["EMAIL_MISSING"]
    assert found["total"]["total"] == "110.00"


async def test_the_document_of_the_routes_is_whole(http: httpx.AsyncClient) -> None:
    document = (await http.get("/openapi.json")).json()

    steps = {"finalize", "send", "cancel-delivery", "discard", "hold", "release", "void", "payments"}
    assert {f"/v1/invoices/{{invoice_id}}/{step}" for step in steps} <= set(document["paths"])
    assert {"/v1/settings", "/v1/invoices", "/v1/invoices/{invoice_id}/pdf"} <= set(document["paths"])
