"""A small history of one customer and one invoice in which every promise was kept."""

import json
from datetime import date
from typing import Any, Final

from tests.faults.ledger.asked import Asked
from tests.faults.ledger.audit import Evidence
from tests.faults.ledger.mails import Mail
from tests.faults.ledger.said import Said
from tests.faults.ledger.store import Store

ID: Final = "c1"
INVOICE: Final = "i1"
EMAIL: Final = "ap@one.example"
TERMS: Final = {"kind": "net", "days": 7}
PARTNERS_TERMS: Final = {"kind": "net", "days": 30}
TODAY: Final = date(2026, 11, 24)

_RECORDS: Final = ("create", "wrong", "create", "wrong", "terms", "terms", "pay", "pay")


def a_customer(version: int, **fields: Any) -> dict[str, Any]:
    nothing = ("contact_number", "email", "payment_terms", "integration")
    fresh = {"status": "active", "company_name": "n1", **dict.fromkeys(nothing)}
    return {"customer_id": ID, "version": version, **fresh, **fields}


def an_invoice(version: int, **fields: Any) -> dict[str, Any]:
    delivery: dict[str, Any] = {"state": "queued", "reasons": [], "message_id": None}
    fresh = {
        "document": "finalized",
        "number": "T-00001",
        "total": "12.00",
        "issue_date": "2026-11-20",
        "due_date": "2026-12-20",
        "payment_terms": PARTNERS_TERMS,
        "terms_source": "partner",
        "delivery": delivery,
        "payment": {"paid": "0.00"},
        "customer": {"version": 2, "company_name": "n2", "email": EMAIL},
    }
    return {"invoice_id": INVOICE, "customer_id": ID, "version": version, **fresh, **fields}


def an_event(offset: int, type_: str, cause: str, state: dict[str, Any], **more: Any) -> Said:
    of_invoice = "invoice_id" in state
    body = {"invoice" if of_invoice else "customer": state, **more}
    topic, subject = ("invoices", INVOICE) if of_invoice else ("customers", state["customer_id"])
    id, key = f"{subject}-{type_}-{cause}", state["customer_id"]
    return Said(topic, 0, offset, key, id, type_, subject, cause, json.dumps(body).encode())


def a_command(offset: int, id: str) -> Said:
    return Said("commands", 0, offset, ID, id, "", "", "", b"{}")


def an_answer(offset: int, command_id: str, id: str = "answer-1") -> Said:
    value = json.dumps({"command_id": command_id}).encode()
    return Said("answers", 0, offset, command_id, id, "CommandRejected", command_id, command_id, value)


def _asked() -> dict[str, Asked]:
    make = {"invoice_id": INVOICE, "total": "12", "send": True}
    found = [
        Asked("create", "CreateCustomer", "kafka", ID, {"company_name": "n1"}),
        Asked("email", "UpdateCustomer", "http", ID, {"company_name": "n2", "email": EMAIL}, status=200, version=2),
        Asked("wrong", "UpdateCustomer", "kafka", ID, {}, must_be_refused=True),
        Asked("terms", "SetPaymentTerms", "kafka", ID, {"payment_terms": TERMS}),
        Asked("make", "CreateInvoice", "http", ID, make, status=201, version=1),
        Asked("pay", "RecordPayment", "kafka", ID, {"invoice_id": INVOICE, "amount": "2.00"}),
    ]
    for place, one in enumerate(found):
        one.began, one.ended, one.attempts = 2.0 * place, 2.0 * place + 1, 1
    return {one.id: one for one in found}


def one_customer() -> Evidence:
    last = a_customer(3, company_name="n2", email=EMAIL, payment_terms=TERMS)
    sent = {"state": "sent", "reasons": [], "message_id": "<i1.1@mail>"}
    end = an_invoice(6, delivery=sent, payment={"paid": "2.00"})
    draft = an_invoice(
        1, number=None, document="finalizing", delivery={"state": "not_requested", "reasons": [], "message_id": None}
    )
    return Evidence(
        prefix="T-",
        terms=PARTNERS_TERMS,
        today=TODAY,
        asked=_asked(),
        commands=[a_command(place, id) for place, id in enumerate(_RECORDS)],
        customers=[
            an_event(0, "CustomerCreated", "create", a_customer(1)),
            an_event(1, "EmailMissing", "create", a_customer(1)),
            an_event(2, "CustomerUpdated", "email", a_customer(2, company_name="n2", email=EMAIL)),
            an_event(3, "EmailConfigured", "email", a_customer(2, company_name="n2", email=EMAIL)),
            an_event(4, "EmailMissing", "create", a_customer(1)),
            an_event(5, "CustomerUpdated", "terms", last),
            an_event(6, "PaymentTermsChanged", "terms", last),
        ],
        invoices=[
            an_event(0, "InvoiceCreated", "make", draft),
            an_event(1, "InvoiceFinalized", "make", an_invoice(2)),
            an_event(2, "InvoiceQueued", "make", an_invoice(2)),
            an_event(3, "InvoiceSent", "work", an_invoice(5, delivery=sent), message_id=sent["message_id"]),
            an_event(4, "InvoicePaymentRecorded", "pay", end),
        ],
        answers=[an_answer(0, "wrong"), an_answer(1, "wrong")],
        shown={ID: last, INVOICE: end},
        mails=[Mail("<i1.1@mail>", (EMAIL,))],
        store=Store(versions={ID: 3, INVOICE: 6}),
    )
