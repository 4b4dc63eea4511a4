"""An invoice before its customer, or before the version that it waits for, goes on when that is known."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from invoice_svc.aggregates import ACCOUNT
from invoice_svc.domain.account import Account
from invoice_svc.domain.invoice import Document, Sending
from invoice_svc.workers.envelope import work_meta
from shared.engine.change import Change, Reads
from shared.engine.decision import Decision

from .office import EMAIL, Office


async def test_an_invoice_before_its_customer_goes_out_when_it_comes(office: Office, customer: Any) -> None:
    order = customer.billed(send=True)
    await office.service.command(order)

    await office.service.hear(customer.told(email=EMAIL, payment_terms={"kind": "net", "days": 7}))
    await office.work()

    names = ["InvoiceCreated", "InvoiceSendBlocked", "InvoiceFinalized", "InvoiceReleased", "InvoiceSent"]
    assert office.service.names() == names
    invoice = await office.service.invoice(order.invoice_id)
    assert invoice.due_date == invoice.issue_date + timedelta(days=7)


async def test_a_draft_that_waited_says_that_its_terms_are_fixed(office: Office, customer: Any) -> None:
    order = customer.billed(issue_date="2026-07-15")
    await office.service.command(order)

    await office.service.hear(customer.told())
    await office.work()

    assert office.service.names() == ["InvoiceCreated", "InvoiceTermsFixed"]
    invoice = await office.service.invoice(order.invoice_id)
    assert (invoice.terms_source, invoice.due_date) == ("partner", date(2026, 8, 14))


async def test_a_wait_for_another_partners_customer_ends_in_a_refusal(office: Office, customer: Any) -> None:
    order = customer.billed(send=True)
    await office.service.command(order)
    await office.service.hear(type(customer)(customer.customer_id, "other").told(email=EMAIL))

    office.clock.pass_(seconds=5)
    await office.work()

    invoice = await office.service.invoice(order.invoice_id)
    assert (invoice.document, office.mail.taken_mails) == (Document.DISCARDED, [])


async def test_a_version_that_was_waited_for_calls_the_release_whatever_it_changes(
    office: Office, customer: Any
) -> None:
    await office.service.hear(customer.told(email=EMAIL))
    orders = [customer.billed(send=True, customer_version=version) for version in (4, 2)]
    for order in orders:
        await office.service.command(order)

    await office.service.hear(customer.told(2, email="second@riverside.example"))
    await office.work("release", "deliver")
    await office.service.hear(customer.told(3, email="third@riverside.example"))
    assert "release" not in await office.service.open_work()
    await office.service.hear(customer.told(4, email="fourth@riverside.example"))
    await office.work("release", "deliver")

    assert [letter.to for letter in office.mail.taken_mails] == [
        ("second@riverside.example",),
        ("fourth@riverside.example",),
    ]


async def test_a_version_waited_for_before_the_customer_is_known_calls_the_release_too(
    office: Office, customer: Any
) -> None:
    await office.service.command(customer.billed(send=True, customer_version=2))
    await office.service.hear(customer.told(email=EMAIL))
    await office.work("release", "deliver")
    assert office.mail.taken_mails == []

    await office.service.hear(customer.told(2, email=EMAIL, company_name="Another"))
    await office.work("release", "deliver")

    assert len(office.mail.taken_mails) == 1


async def test_a_version_that_nobody_left_word_for_is_noticed_by_time(office: Office, customer: Any) -> None:
    """Whoever saved the wait died before it could."""
    await office.service.hear(customer.told(email=EMAIL))
    order = customer.billed(send=True, customer_version=2)
    await office.service.command(order)
    await _forget_what_is_awaited(office, customer.customer_id)
    await office.service.hear(customer.told(2, email="new@riverside.example"))
    assert "release" not in await office.service.open_work()

    office.clock.pass_(seconds=5)
    await office.work("waiting", "deliver")

    assert [letter.to for letter in office.mail.taken_mails] == [("new@riverside.example",)]


async def _forget_what_is_awaited(office: Office, customer_id: str) -> None:
    def decide(known: Account | None, _: Reads) -> Decision[Account, object]:
        assert known is not None
        return Decision(replace(known, awaited_version=None))

    change: Change[Account, object] = Change(ACCOUNT, customer_id, decide, once=False)
    await office.service.engine.execute([change], work_meta("harbour-it", "test"))


@pytest.mark.parametrize("known", [True, False])
async def test_a_version_that_comes_late_is_noticed_within_seconds(office: Office, customer: Any, known: bool) -> None:
    if known:
        await office.service.hear(customer.told(1, email=EMAIL))
    order = customer.billed(send=True, customer_version=3)
    await office.service.command(order)
    for _ in range(12):
        office.clock.pass_(minutes=6)
        await office.work("waiting")
    await office.service.hear(customer.told(2, email=EMAIL))
    await office.work("release")
    await office.service.hear(customer.told(3, email=EMAIL))

    office.clock.pass_(seconds=6)
    await office.work("waiting", "deliver")

    assert (await office.service.invoice(order.invoice_id)).delivery.state is Sending.SENT
