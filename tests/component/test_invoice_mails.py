"""Each invoice is mailed once, whatever the mail server does; again only when it is asked for."""

import re
from collections.abc import Iterator
from contextlib import closing

import pytest

from embedded.stack import Stack
from shared.store.mongo import MongoStore
from tests.component.office import Office, an_office
from tests.component.partner import Partner, until
from tests.component.process import ready
from tests.component.records import Reader

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def office(stack: Stack, servers: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Short time limits, so that an attempt whose outcome nobody learnt is settled soon."""
    home = tmp_path_factory.mktemp("office")
    with an_office(stack, home, SMTP__TIMEOUT_S="3", PDF__TIMEOUT_S="4") as office:
        yield office


@pytest.fixture(autouse=True)
async def mail_works(partner: Partner) -> None:
    await partner.breaks_mail()


async def test_what_was_sent_goes_again_only_when_asked_and_as_another_mail(partner: Partner, said: Reader) -> None:
    customer = await partner.creates_customer(email="again@harbour.example")
    invoice = await partner.bills(customer, send=True)
    await said.until_said(invoice, "InvoiceSent")

    await partner.asks("SendInvoice", customer, invoice_id=invoice)
    await partner.asks("SendInvoice", customer, invoice_id=invoice, resend=True)
    told = await said.until_said(invoice, "InvoiceSent", times=2)

    sent = [data["message_id"] for name, data in told if name == "InvoiceSent"]
    assert sent == [f"<{invoice}.{generation}@mail.rebilling.example>" for generation in (1, 2)]
    assert [mail["message_id"] for mail in await partner.mails_of(invoice)] == sent


async def test_a_recipient_refused_for_now_is_tried_again(partner: Partner, said: Reader) -> None:
    await partner.breaks_mail(rcpt={"mode": "transient", "times": 1})
    customer = await partner.creates_customer(email="later@harbour.example")

    invoice = await partner.bills(customer, send=True)
    told = await said.until_said(invoice, "InvoiceSent")

    [failed] = [data for name, data in told if name == "InvoiceDeliveryFailed"]
    assert (failed["permanent"], failed["code"]) == (False, "EMAIL_DEFERRED")
    assert (failed["invoice"]["delivery"]["state"], failed["invoice"]["delivery"]["attempts"]) == ("queued", 1)
    assert told[-1][1]["invoice"]["delivery"]["attempts"] == 2
    assert len(await partner.mails_of(invoice)) == 1


async def test_a_recipient_refused_for_good_is_not_tried_again_until_somebody_asks(
    partner: Partner, said: Reader
) -> None:
    await partner.breaks_mail(rcpt={"mode": "permanent", "times": 1})
    customer = await partner.creates_customer(email="nobody@harbour.example")

    invoice = await partner.bills(customer, send=True)
    [*_, (_, failed)] = await said.until_said(invoice, "InvoiceDeliveryFailed")
    assert (failed["permanent"], failed["invoice"]["delivery"]["state"]) == (True, "failed")
    assert await partner.mails_of(invoice) == []

    await partner.asks("SendInvoice", customer, invoice_id=invoice)
    told = await said.until_said(invoice, "InvoiceSent")
    assert [name for name, _ in told][-3:] == ["InvoiceDeliveryFailed", "InvoiceQueued", "InvoiceSent"]
    assert len(await partner.mails_of(invoice)) == 1


async def test_a_refused_copy_does_not_fail_the_mail(partner: Partner, said: Reader) -> None:
    copies = ["gone@harbour.example", "there@harbour.example"]
    await partner.breaks_mail(rcpt={"mode": "permanent", "address": copies[0]})
    customer = await partner.creates_customer(email="main@harbour.example", cc=copies)

    invoice = await partner.bills(customer, send=True)
    told = await said.until_said(invoice, "InvoiceSent")

    assert told[-1][1]["invoice"]["delivery"]["cc"] == copies[1:]
    [mail] = await partner.mails_of(invoice)
    assert mail["to"] == ["main@harbour.example", "there@harbour.example"]


async def test_a_mail_server_that_is_away_is_waited_for_and_counts_as_no_attempt(
    office: Office, partner: Partner, said: Reader
) -> None:
    office.mail.kill()
    before = await transient_mails(partner)
    customer = await partner.creates_customer(email="away@harbour.example")
    invoice = await partner.bills(customer, send=True)
    await tried_after(partner, before)
    assert (await partner.sees(invoice))["delivery"]["state"] == "queued"
    office.mail.launch()
    await ready(office.mail)
    told = await said.until_said(invoice, "InvoiceSent")

    assert "InvoiceDeliveryFailed" not in [name for name, _ in told]
    assert told[-1][1]["invoice"]["delivery"]["attempts"] == 1
    assert len(await partner.mails_of(invoice)) == 1


async def test_open_work_that_was_lost_comes_back_and_the_mail_goes_out(
    office: Office, stack: Stack, partner: Partner, said: Reader
) -> None:
    office.mail.kill()
    before = await transient_mails(partner)
    customer = await partner.creates_customer(email="lost-work@harbour.example")
    invoice = await partner.bills(customer, send=True)
    await tried_after(partner, before)
    [invoicing] = office.invoicing
    invoicing.kill()

    prefix = invoicing.env["REBILLING_MONGODB__DATABASE_PREFIX"]
    with closing(MongoStore(stack.mongodb_uri, f"{prefix}invoice_svc")) as store:
        lost = [entry["_id"] for entry in await store.find("open_work", {})]
        assert f"deliver/{invoice}" in lost
        for id in lost:
            await store.delete_if("open_work", id, {})
    office.mail.launch()
    invoicing.launch()
    await ready(*office.parts)
    await said.until_said(invoice, "InvoiceSent")

    assert len(await partner.mails_of(invoice)) == 1


async def tried_after(partner: Partner, before: float) -> None:
    async def tried() -> bool:
        return await transient_mails(partner) > before

    await until(tried)


async def transient_mails(partner: Partner) -> float:
    """How many attempts have to be made again, as invoice-svc counts them."""
    metrics = (await partner.asks_http("GET", "/metrics")).text
    [count] = re.findall(r'mails_total\{outcome="transient"\} (\S+)', metrics) or ["0"]
    return float(count)


@pytest.mark.parametrize(("lost", "attempts"), [("drop_before_reply", 1), ("drop_before_store", 2)])
async def test_an_answer_that_was_lost_is_asked_for_and_the_mail_not_doubled(
    partner: Partner, said: Reader, lost: str, attempts: int
) -> None:
    await partner.breaks_mail(data={"mode": lost, "times": 1})
    customer = await partner.creates_customer(email="lost@harbour.example")

    invoice = await partner.bills(customer, send=True)
    told = await said.until_said(invoice, "InvoiceSent")

    assert told[-1][1]["invoice"]["delivery"]["attempts"] == attempts
    assert len(await partner.mails_of(invoice)) == 1
