"""The main job over the whole system, from outside: a customer without an address, its held invoice, the mail."""

import json
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from shared.contracts.topics import (
    ANSWERS,
    CUSTOMERS,
    CUSTOMERS_COMMANDS,
    INVOICES,
    INVOICES_COMMANDS,
    PSA_COMMANDS,
    dead_letters,
)
from tests.component.partner import A_LINE, Partner, until
from tests.component.records import Reader
from tests.e2e.conftest import System
from tests.providers import OF

pytestmark = pytest.mark.embedded
NewPartner = Callable[[], Awaitable[Partner]]


async def test_a_customer_by_hand_is_announced_billed_held_released_and_mailed(
    system: System, partner: Partner, producer: AIOKafkaProducer
) -> None:
    servers, at = system.endpoints["kafka"], partner.at
    await partner.asks_http("PUT", "/v1/settings", {"payment_terms": {"kind": "net", "days": 30}, "currency": "EUR"})
    body = {"company_name": "Harbour Dental", "payment_terms": {"kind": "net", "days": 14}}
    async with Reader(servers, CUSTOMERS.name) as customers, Reader(servers, INVOICES.name) as invoices:
        made = await partner.asks_http("POST", "/v1/customers", body, of=at.customers)
        customer = made.json()["customer_id"]
        announced = await customers.until_said(customer, "EmailMissing")

        invoice = await a_json_line(
            producer,
            INVOICES_COMMANDS.name,
            "CreateInvoice",
            {"partner_id": partner.id, "customer_id": customer, "currency": "EUR", "lines": [A_LINE], "send": True}
            | {"issue_date": "2026-03-01"},
        )
        await invoices.until_said(invoice, "InvoiceSendBlocked")

        async def is_held_for_the_address() -> bool:
            """For a moment the customer itself may be unknown to invoice-svc."""
            return bool((await partner.sees(invoice))["delivery"]["reasons"] == ["EMAIL_MISSING"])

        await until(is_held_for_the_address)
        why = (await partner.asks_http("GET", f"/v1/invoices/{invoice}/explain")).json()

        patched = await partner.asks_http(
            "PATCH", f"/v1/customers/{customer}", {"email": "ap@harbour.example"}, of=at.customers
        )
        told = await invoices.until_said(invoice, "InvoiceSent")

    assert announced[-1][1]["reason"] == "never_set"
    assert why["delivery"]["state"] == "held"
    assert patched.status_code == 200
    assert [name for name, _ in told].count("InvoiceReleased") == 1
    sent = told[-1][1]["invoice"]
    assert (sent["due_date"], sent["terms_source"]) == ("2026-03-15", "customer")
    [mail] = await partner.mails_of(invoice)
    assert (mail["to"], mail["attachments"][0]["filename"]) == (["ap@harbour.example"], f"{sent['number']}.pdf")

    async def is_in_the_timeline() -> bool:
        path = f"/v1/customers/{customer}/timeline"
        found = (await partner.asks_http("GET", path, of=at.customers)).json()["items"]
        return {"CustomerCreated", "EmailMissing", "EmailConfigured"} <= {entry["event"] for entry in found}

    await until(is_in_the_timeline)


async def a_json_line(producer: AIOKafkaProducer, topic: str, name: str, data: dict[str, Any]) -> str:
    """A command as an operator types it, for any Kafka tool; answers the id of the invoice that it makes."""
    id = str(uuid.uuid4())
    line = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": "/operator", "type": f"rebilling.{name}.v1"}
    value = json.dumps({**line, "data": {"invoice_id": id, **data}}).encode()
    await producer.send_and_wait(topic, value, headers=[("content-type", b"application/cloudevents+json")])
    return id


async def test_what_a_person_holds_stays_until_that_person_releases_it(system: System, partner: Partner) -> None:
    customer = await partner.creates_customer(email="ap@harbour.example")
    await partner.is_known_with(customer)
    invoice = await partner.bills(customer)
    async with Reader(system.endpoints["kafka"], INVOICES.name) as said:
        await partner.asks("HoldInvoice", customer, invoice_id=invoice)
        await partner.asks("SendInvoice", customer, invoice_id=invoice)
        blocked = await said.until_said(invoice, "InvoiceSendBlocked", times=2)
        before = await partner.sees(invoice)

        released = await partner.asks_http("POST", f"/v1/invoices/{invoice}/release")
        told = await said.until_said(invoice, "InvoiceSent")

    assert blocked[-1][1]["reasons"] == before["delivery"]["reasons"] == ["MANUAL_HOLD"]
    assert before["delivery"]["state"] == "held"
    assert released.status_code == 200
    assert [name for name, _ in told].count("InvoiceReleased") == 1
    assert len(await partner.mails_of(invoice)) == 1


async def test_another_partner_sees_nothing_and_can_do_nothing(system: System, new_partner: NewPartner) -> None:
    owner, other = await new_partner(), await new_partner()
    customer = await owner.creates_customer(email="ap@harbour.example")
    await owner.is_known_with(customer)
    invoice = await owner.bills(customer, send=True)
    async with Reader(system.endpoints["kafka"], INVOICES.name) as said:
        await said.until_said(invoice, "InvoiceSent")

    before = await owner.sees(invoice)
    one, bill = f"/v1/customers/{customer}", f"/v1/invoices/{invoice}"
    of_customers: list[tuple[str, str, Any]] = [
        ("GET", one, None),
        ("PATCH", one, {"company_name": "Mine"}),
        ("PUT", f"{one}/payment-terms", {"kind": "due_on_receipt"}),
        ("DELETE", f"{one}/payment-terms", None),
        ("PUT", f"{one}/integration", {"integration_id": str(uuid.uuid4()), "account_id": "1"}),
        ("DELETE", f"{one}/integration", None),
        ("POST", f"{one}/disable", None),
        ("POST", f"{one}/archive", None),
        ("GET", f"{one}/timeline", None),
    ]
    steps = ("finalize", "send", "cancel-delivery", "discard", "hold", "release", "void")
    of_invoices: list[tuple[str, str, Any]] = [
        ("GET", bill, None),
        ("GET", f"{bill}/pdf", None),
        ("GET", f"{bill}/explain", None),
        ("POST", f"{bill}/payments", {"amount": "1.00", "paid_on": "2026-03-01"}),
        *(("POST", f"{bill}/{step}", None) for step in steps),
    ]
    for method, path, body in of_customers:
        assert (await other.asks_http(method, path, body, of=other.at.customers)).status_code == 404, path
    for method, path, body in of_invoices:
        assert (await other.asks_http(method, path, body)).status_code == 404, path
    assert (await other.asks_http("GET", "/v1/customers", of=other.at.customers)).json()["items"] == []
    assert (await other.asks_http("GET", "/v1/invoices")).json()["items"] == []
    billed = {"customer_id": customer, "currency": "EUR", "lines": [A_LINE]}
    assert (await other.asks_http("POST", "/v1/invoices", billed)).json()["errors"][0]["code"] == "NOT_FOUND"
    assert await owner.sees(invoice) == before


async def test_commands_that_may_not_be_done_are_answered_and_those_that_cannot_be_read_put_aside(
    system: System, new_partner: NewPartner, producer: AIOKafkaProducer
) -> None:
    servers = system.endpoints["kafka"]
    owner, other = await new_partner(), await new_partner()
    customer = await owner.creates_customer()
    id = await other.commands(CUSTOMERS_COMMANDS.name, "UpdateCustomer", customer, set={"email": "x@other.example"})
    tag = uuid.uuid4().hex.encode()
    owners = {CUSTOMERS_COMMANDS: "customer-svc", INVOICES_COMMANDS: "invoice-svc", PSA_COMMANDS: "psa-sync-svc"}
    for topic in owners:
        await producer.send_and_wait(topic.name, b"no json", key=tag, headers=[("mine", tag)])

    async with Reader(servers, ANSWERS.name) as answers:
        [(_, answer)] = await answers.until_said(id, "CommandRejected")
    for topic, service in owners.items():
        async with Reader(servers, dead_letters(topic, service).name) as letters:
            [letter] = await letters.until_about(tag.decode())
        assert (letter.value, letter.headers[0]) == (b"no json", ("mine", tag))
        assert dict(letter.headers)["rebilling_dlq_reason"] == b"NO_ENVELOPE"

    assert (answer["partner_id"], answer["errors"][0]["code"]) == (other.id, "NOT_FOUND")

    async def is_there() -> bool:
        return bool((await owner.asks_http("GET", "/v1/customers", of=owner.at.customers)).json()["items"])

    await until(is_there)
    [kept] = (await owner.asks_http("GET", "/v1/customers", of=owner.at.customers)).json()["items"]
    assert (kept["email"], kept["version"]) == (None, 1)


async def test_an_imported_account_is_announced_held_released_and_mailed_and_no_other_partners(
    system: System, partner: Partner, new_partner: NewPartner
) -> None:
    servers, psa = (system.endpoints[name] for name in ("kafka", "psa_sync_svc"))
    may_ask = {**OF["autotask"].credentials}
    body = {"provider": "autotask", "name": "PSA", "base_url": system.psa("autotask"), "credentials": may_ask}
    made = await partner.asks_http("POST", "/v1/integrations", body, of=psa)
    integration = made.json()["integration_id"]
    assert may_ask["secret"] not in made.text
    found = await partner.asks_http("GET", f"/v1/integrations/{integration}/accounts?search=gouden", of=psa)
    [account] = found.json()["items"]
    order = {"integration_id": integration, "account_id": account["account_id"]}

    asked = [await partner.asks_http("POST", "/v1/imports", order, of=psa) for _ in range(2)]

    async def imported() -> bool:
        seen = [await partner.asks_http("GET", f"/v1/imports/{each.json()['request_id']}", of=psa) for each in asked]
        return [each.json()["status"] for each in seen] == ["imported", "imported"]

    await until(imported)
    [customer] = (await partner.asks_http("GET", "/v1/customers", of=partner.at.customers)).json()["items"]
    async with Reader(servers, INVOICES.name) as invoices:
        invoice = await partner.bills(customer["customer_id"], send=True)
        await invoices.until_said(invoice, "InvoiceSendBlocked")
        await partner.changes_customer(customer["customer_id"], email="pan@gouden.example")
        await invoices.until_said(invoice, "InvoiceSent")

    assert (customer["company_name"], customer["email"]) == (account["company_name"], None)
    assert len(await partner.mails_of(invoice)) == 1
    other = await new_partner()
    for path in ("", "/accounts", f"/accounts/{account['account_id']}"):
        assert (await other.asks_http("GET", f"/v1/integrations/{integration}{path}", of=psa)).status_code == 404
    assert (await other.asks_http("GET", "/v1/integrations", of=psa)).json()["items"] == []
    assert (await other.asks_http("POST", "/v1/imports", order, of=psa)).status_code == 404
