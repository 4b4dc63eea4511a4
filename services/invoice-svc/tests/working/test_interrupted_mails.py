"""A mark without an outcome is never repeated blindly: the mail system is asked, or a person."""

from typing import Any

import pytest

from invoice_svc.domain.invoice import Sending
from invoice_svc.workers.mailer import (
    Unknown,
)
from shared.contracts import invoices
from shared.engine.errors import Unavailable

from .office import Office, the_worker_dies


async def test_who_finds_a_mark_asks_the_mail_system_once_the_lease_is_over(office: Office, customer: Any) -> None:
    office.mail.answers = ["died after the last line"]
    office.mail.log_away = 1
    order = await office.sent(customer)
    await the_worker_dies(office)

    await office.work("deliver")
    assert (await office.service.invoice(order.invoice_id)).delivery.state is Sending.SENDING
    for _ in range(2):
        office.clock.pass_(seconds=31)
        await office.work("deliver")

    assert len(office.mail.taken_mails) == 1
    assert office.service.names()[-1] == "InvoiceSent"


async def test_what_the_mail_system_never_got_is_sent_again_as_the_same_mail(office: Office, customer: Any) -> None:
    office.mail.answers = ["died before the last line"]
    order = await office.sent(customer)
    await the_worker_dies(office)

    office.clock.pass_(seconds=31)
    await office.work("deliver")

    assert [letter.message_id for letter in office.mail.taken_mails] == [
        f"<{order.invoice_id}.1@mail.rebilling.example>"
    ]
    assert (await office.service.invoice(order.invoice_id)).delivery.attempts == 2


async def test_where_nobody_can_be_asked_it_is_uncertain_until_a_person_resends(office: Office, customer: Any) -> None:
    office.mail.answers, office.mail.can_be_asked = [Unknown("no answer")], False
    order = await office.sent(customer)

    await office.work("deliver")
    office.clock.pass_(seconds=31)
    await office.work("deliver")

    assert office.service.names()[-1] == "InvoiceDeliveryUncertain"
    await office.service.command(customer.asked(invoices.SendInvoice, order, resend=True))
    await office.work("deliver")
    assert [letter.message_id for letter in office.mail.taken_mails] == [
        f"<{order.invoice_id}.1@mail.rebilling.example>",
        f"<{order.invoice_id}.2@mail.rebilling.example>",
    ]


async def test_what_is_known_of_a_mail_is_kept_though_the_store_was_away(
    office: Office, customer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.sent(customer)
    execute, away = office.service.engine.execute, [True]

    async def sometimes(changes: Any, meta: Any) -> Any:
        if office.mail.taken_mails and away:
            away.pop()
            raise Unavailable("away")
        return await execute(changes, meta)

    monkeypatch.setattr(office.service.engine, "execute", sometimes)
    await office.work("deliver")

    assert office.service.names()[-1] == "InvoiceSent"
