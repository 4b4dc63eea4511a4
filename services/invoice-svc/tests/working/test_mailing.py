"""A queued invoice is mailed once, to the address of that moment, and tried again only where that helps."""

from typing import Any

from invoice_svc.domain.invoice import Sending
from invoice_svc.workers.mailer import (
    PermanentFailure,
    TransientFailure,
)
from shared.contracts import invoices

from .office import EMAIL, Office


async def test_a_queued_invoice_is_mailed_once(office: Office, customer: Any) -> None:
    order = await office.sent(customer, cc=["boss@riverside.example", EMAIL])

    await office.work("deliver")

    (letter,) = office.mail.taken_mails
    assert (letter.to, letter.cc) == ((EMAIL,), ("boss@riverside.example",))
    assert letter.subject == "Invoice INV-00001 from Harbour IT"
    name, data = office.service.said()[-1]
    assert (name, data["to"], data["message_id"]) == ("InvoiceSent", [EMAIL], letter.message_id)
    assert letter.message_id == f"<{order.invoice_id}.1@mail.rebilling.example>"
    invoice = await office.service.invoice(order.invoice_id)
    assert (invoice.delivery.state, invoice.delivery.attempts) == (Sending.SENT, 1)
    assert await office.service.open_work() == {"overdue": 1}


async def test_a_transient_answer_is_tried_again_after_a_pause(office: Office, customer: Any) -> None:
    office.mail.answers = [TransientFailure("EMAIL_REJECTED", "451"), TransientFailure("MAIL_REFUSED", "451")]
    order = await office.sent(customer)

    await office.work("deliver")
    assert (await office.service.invoice(order.invoice_id)).delivery.state is Sending.QUEUED
    office.clock.pass_(seconds=6)
    await office.work("deliver")
    office.clock.pass_(seconds=21)
    await office.work("deliver")

    failed = [data["permanent"] for name, data in office.service.said() if name == "InvoiceDeliveryFailed"]
    assert failed == [False, False]
    assert office.service.names()[-1] == "InvoiceSent"
    assert (await office.service.invoice(order.invoice_id)).delivery.attempts == 3


async def test_a_permanent_answer_is_not_repeated(office: Office, customer: Any) -> None:
    office.mail.answers = [PermanentFailure("EMAIL_REJECTED", "550 5.1.1")]
    order = await office.sent(customer)

    await office.work("deliver")
    office.clock.pass_(hours=2)
    await office.work("deliver")

    name, data = office.service.said()[-1]
    assert (name, data["permanent"], office.mail.taken_mails) == ("InvoiceDeliveryFailed", True, [])
    assert (await office.service.invoice(order.invoice_id)).delivery.state is Sending.FAILED


async def test_a_mail_server_that_is_away_says_nothing_of_the_invoice(office: Office, customer: Any) -> None:
    office.mail.answers = [TransientFailure("UNREACHABLE", "away")] * 3
    await office.sent(customer)

    for _ in range(4):
        await office.work("deliver")
        office.clock.pass_(seconds=31)

    assert "InvoiceDeliveryFailed" not in office.service.names()
    assert len(office.mail.taken_mails) == 1


async def test_an_address_that_changes_while_the_mail_is_prepared_gets_it(office: Office, customer: Any) -> None:
    await office.sent(customer)
    changed = customer.told(2, email="new@riverside.example")
    office.mail.before_mark = lambda: office.service.hear(changed)

    await office.work("deliver")

    assert [letter.to for letter in office.mail.taken_mails] == [("new@riverside.example",)]


async def test_an_address_that_vanishes_while_the_mail_is_prepared_holds_it_again(
    office: Office, customer: Any
) -> None:
    await office.sent(customer)
    office.mail.before_mark = lambda: office.service.hear(customer.told(2))

    await office.work("deliver")

    assert office.mail.taken_mails == []
    assert office.service.said()[-1][1]["reasons"] == ["EMAIL_MISSING"]
    assert (await office.service.open_work())["held"] == 1


async def test_a_hold_by_hand_while_the_mail_is_prepared_keeps_it_back(office: Office, customer: Any) -> None:
    order = await office.sent(customer)
    office.mail.before_mark = lambda: office.service.command(customer.asked(invoices.HoldInvoice, order))

    await office.work("deliver")
    assert office.mail.taken_mails == []

    await office.service.command(customer.asked(invoices.ReleaseInvoice, order))
    await office.work("deliver")
    assert len(office.mail.taken_mails) == 1
