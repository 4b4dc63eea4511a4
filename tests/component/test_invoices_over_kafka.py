"""invoice-svc beside customer-svc on a real broker and a real store: from the customer's event to the mail."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from embedded.stack import Stack
from shared.contracts.topics import INVOICES_COMMANDS
from tests.component.office import Office, an_office
from tests.component.partner import A_LINE, Partner
from tests.component.records import Reader, about, ce_type, of

pytestmark = pytest.mark.embedded
EMAIL = "accounts@harbour.example"


@pytest.fixture(scope="module")
def office(stack: Stack, servers: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with an_office(stack, tmp_path_factory.mktemp("office")) as office:
        yield office


async def test_an_invoice_is_held_without_an_address_and_goes_out_once_when_there_is_one(
    partner: Partner, said: Reader
) -> None:
    customer = await partner.creates_customer()
    await partner.is_known_with(customer)
    invoice = await partner.bills(customer, send=True)
    held = await said.until_said(invoice, "InvoiceSendBlocked")
    assert (await partner.sees(invoice))["delivery"]["state"] == "held"

    await partner.changes_customer(customer, email=EMAIL, cc=["boss@harbour.example"])
    told = await said.until_said(invoice, "InvoiceSent")

    assert held[-1][1]["reasons"] == ["EMAIL_MISSING"]
    assert [name for name, _ in told] == [
        "InvoiceCreated",
        "InvoiceFinalized",
        "InvoiceSendBlocked",
        "InvoiceReleased",
        "InvoiceSent",
    ]
    assert told[3][1]["cleared"] == ["EMAIL_MISSING"]
    versions = [data["invoice"]["version"] for _, data in told]
    assert versions == sorted(versions)
    [mail] = await partner.mails_of(invoice)
    assert mail["message_id"] == f"<{invoice}.1@mail.rebilling.example>" == told[-1][1]["message_id"]
    assert (mail["header_to"], mail["header_cc"]) == ([EMAIL], ["boss@harbour.example"])
    [pdf] = mail["attachments"]
    assert (pdf["filename"], pdf["content_type"]) == ("INV-00001.pdf", "application/pdf")
    assert "INV-00001" in mail["text"]
    assert "121.00" in mail["text"]
    shown = await partner.asks_http("GET", f"/v1/invoices/{invoice}/pdf")
    assert (shown.content[:5], len(shown.content)) == (b"%PDF-", pdf["size"])


async def test_what_workers_do_belongs_to_the_chain_of_whoever_brought_it_about(partner: Partner, said: Reader) -> None:
    customer = await partner.creates_customer()
    await partner.is_known_with(customer)
    order = {"invoice_id": (invoice := str(uuid.uuid4())), "currency": "EUR", "lines": [A_LINE], "send": True}
    asked = await partner.asks("CreateInvoice", customer, **order)
    await said.until_said(invoice, "InvoiceSendBlocked")
    addressed = await partner.changes_customer(customer, email=EMAIL)
    await said.until_said(invoice, "InvoiceSent")

    chains = {
        ce_type(record): dict(record.headers)["ce_correlationid"].decode() for record in of(said.records, invoice)
    }
    assert chains == {
        "InvoiceCreated": asked,
        "InvoiceFinalized": asked,
        "InvoiceSendBlocked": asked,
        "InvoiceReleased": addressed,
        "InvoiceSent": addressed,
    }


async def test_it_is_due_by_its_own_terms_else_the_customers_else_the_partners(partner: Partner, said: Reader) -> None:
    await partner.asks_http("PUT", "/v1/settings", {"payment_terms": {"kind": "net", "days": 10}})
    own = await partner.creates_customer(payment_terms={"kind": "end_of_month"})
    none = await partner.creates_customer()
    issued: dict[str, Any] = {"issue_date": "2026-02-03", "finalize": True}

    invoices = [
        await partner.bills(own, **issued, payment_terms={"kind": "due_on_receipt"}),
        await partner.bills(own, **issued),
        await partner.bills(none, **issued),
    ]
    told = [(await said.until_said(invoice, "InvoiceFinalized"))[-1][1]["invoice"] for invoice in invoices]

    assert [(each["due_date"], each["terms_source"]) for each in told] == [
        ("2026-02-03", "invoice"),
        ("2026-02-28", "customer"),
        ("2026-02-13", "partner"),
    ]


async def test_an_invoice_before_its_customer_waits_and_goes_on_by_itself(partner: Partner, said: Reader) -> None:
    customer = str(uuid.uuid4())
    invoice = await partner.bills(customer, send=True)
    [_, (_, waiting)] = await said.until_said(invoice, "InvoiceSendBlocked")

    await partner.creates_customer(customer_id=customer, email=EMAIL)
    told = await said.until_said(invoice, "InvoiceSent")

    assert waiting["reasons"] == ["CUSTOMER_UNKNOWN"]
    assert (waiting["invoice"]["document"], waiting["invoice"]["number"]) == ("draft", None)
    assert told[-1][1]["invoice"]["customer"]["company_name"] == "Harbour Dental"
    assert len(await partner.mails_of(invoice)) == 1


async def test_the_version_of_the_customer_that_was_asked_for_is_waited_for(partner: Partner, said: Reader) -> None:
    customer = await partner.creates_customer(email=EMAIL)
    await partner.is_known_with(customer)
    invoice = await partner.bills(customer, send=True, customer_version=2)
    [_, (_, waiting)] = await said.until_said(invoice, "InvoiceSendBlocked")

    await partner.changes_customer(customer, payment_terms={"kind": "net", "days": 3}, email="new@harbour.example")
    told = await said.until_said(invoice, "InvoiceSent")

    assert waiting["reasons"] == ["CUSTOMER_UNKNOWN"]
    sent = told[-1][1]["invoice"]
    assert (sent["payment_terms"], sent["terms_source"]) == ({"kind": "net", "days": 3}, "customer")
    assert sent["delivery"]["to"] == ["new@harbour.example"]


async def test_a_customer_that_turns_out_to_be_another_partners_is_never_billed(
    office: Office, partner: Partner, said: Reader, answers: Reader
) -> None:
    customer, invoice = str(uuid.uuid4()), str(uuid.uuid4())
    order: dict[str, Any] = {"invoice_id": invoice, "currency": "EUR", "lines": [A_LINE], "send": True}
    id = await partner.asks("CreateInvoice", customer, **order)
    await said.until_said(invoice, "InvoiceSendBlocked")

    async with office.partner(partner.producer) as other:
        await other.creates_customer(customer_id=customer, email=EMAIL)
        [answer] = await answers.until_said(id, "CommandRejected")
        told = await said.until_said(invoice, "InvoiceDiscarded")
        assert (await other.asks_http("GET", f"/v1/invoices/{invoice}")).status_code == 404
        assert (await other.asks_http("GET", "/v1/invoices")).json()["items"] == []

    assert answer[1]["errors"][0] == {
        "pointer": "/customer_id",
        "code": "NOT_FOUND",
        "detail": "there is no such customer",
    }
    assert told[-1][1]["invoice"]["delivery"]["state"] == "cancelled"
    assert await partner.mails_of(invoice) == []


async def test_the_same_creation_again_has_no_second_effect(partner: Partner, said: Reader) -> None:
    customer, id = await partner.creates_customer(email=EMAIL), str(uuid.uuid4())
    order: dict[str, Any] = {"currency": "EUR", "lines": [A_LINE], "send": True}
    for _ in range(3):
        await partner.asks("CreateInvoice", customer, id=id, **order)
    last = await partner.bills(customer, send=True)
    await said.until_said(last, "InvoiceSent")

    made = (await partner.asks_http("GET", f"/v1/invoices?customer_id={customer}")).json()["items"]

    assert {each["number"] for each in made} == {"INV-00001", "INV-00002"}
    [repeated] = [each["invoice_id"] for each in made if each["invoice_id"] != last]
    told = await said.until_said(repeated, "InvoiceSent")
    assert [name for name, _ in told].count("InvoiceCreated") == 1
    assert len(await partner.mails_of(repeated)) == 1


async def test_a_refused_command_is_answered_once_and_names_each_field(
    partner: Partner, said: Reader, answers: Reader
) -> None:
    customer, id = str(uuid.uuid4()), str(uuid.uuid4())
    wrong = {**A_LINE, "quantity": "many", "tax_rate": "21"}
    for _ in range(3):
        await partner.asks("CreateInvoice", customer, id=id, currency="EURO", lines=[wrong], send="yes")
    last = await partner.asks("VoidInvoice", customer, invoice_id=str(uuid.uuid4()))
    records = await answers.until(lambda all: bool(about(all, last)))

    assert len(about(records, id)) == 1
    [(_, answer)] = await answers.until_said(id, "CommandRejected")
    assert {problem["pointer"] for problem in answer["errors"]} == {
        "/currency",
        "/lines/0/quantity",
        "/lines/0/tax_rate",
        "/send",
    }
    assert (answer["command_type"], answer["partner_id"]) == ("rebilling.CreateInvoice.v1", partner.id)
    assert (await answers.until_said(last, "CommandRejected"))[0][1]["errors"][0]["code"] == "NOT_FOUND"
    assert of(said.records, customer) == []


async def test_what_was_refused_before_stays_refused(partner: Partner, answers: Reader, said: Reader) -> None:
    customer = await partner.creates_customer(email=EMAIL)
    invoice, id = str(uuid.uuid4()), str(uuid.uuid4())
    await partner.commands(INVOICES_COMMANDS.name, "FinalizeInvoice", customer, id=id, invoice_id=invoice)
    await answers.until_said(id, "CommandRejected")

    await partner.asks("CreateInvoice", customer, invoice_id=invoice, currency="EUR", lines=[A_LINE])
    await partner.commands(INVOICES_COMMANDS.name, "FinalizeInvoice", customer, id=id, invoice_id=invoice)
    await partner.asks("DiscardInvoice", customer, invoice_id=invoice)
    told = await said.until_said(invoice, "InvoiceDiscarded")

    assert "InvoiceFinalized" not in [name for name, _ in told]
