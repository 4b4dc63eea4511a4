"""Two instances of invoice-svc share the work: numbers have no gap, and nobody misses the moment of an address."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator

import pytest

from embedded.stack import Stack
from tests.component.office import Office, an_office
from tests.component.partner import A_LINE, Partner
from tests.component.records import Reader

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def office(stack: Stack, servers: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with an_office(stack, tmp_path_factory.mktemp("office"), instances=2) as office:
        yield office


async def test_numbers_drawn_by_both_over_topic_and_http_have_no_gap_and_no_double(
    partner: Partner, said: Reader
) -> None:
    customers = [await partner.creates_customer() for _ in range(12)]

    async def over_http(customer: str, n: int) -> str:
        body = {"customer_id": customer, "currency": "EUR", "lines": [A_LINE], "finalize": True}
        instance = partner.at.invoicing[n % 2]
        made = await partner.asks_http("POST", "/v1/invoices", body, of=instance)
        return str(made.raise_for_status().json()["invoice_id"])

    orders = [
        over_http(customer, n) if n % 2 else partner.bills(customer, finalize=True)
        for customer in customers
        for n in range(8)
    ]
    invoices = await asyncio.gather(*orders)
    told = [(await said.until_said(invoice, "InvoiceFinalized"))[-1][1]["invoice"] for invoice in invoices]

    assert sorted(each["number"] for each in told) == [f"INV-{n:05d}" for n in range(1, len(orders) + 1)]


async def test_send_and_address_at_the_same_moment_always_end_in_one_mail(partner: Partner, said: Reader) -> None:
    seed = random.randrange(10_000)
    print(f"seed {seed}")
    moments = random.Random(seed)
    customers = [await partner.creates_customer() for _ in range(60)]
    for customer in customers[-1:]:
        await partner.is_known_with(customer)

    async def both(customer: str, lag_s: float) -> str:
        """Which of the two comes first, and how far apart they are decided, is left to chance."""

        async def address() -> None:
            await asyncio.sleep(max(-lag_s, 0.0))
            await partner.changes_customer(customer, email="race@harbour.example")

        async def bill() -> str:
            await asyncio.sleep(max(lag_s, 0.0))
            return await partner.bills(customer, send=True)

        invoice, _ = await asyncio.gather(bill(), address())
        return invoice

    invoices = await asyncio.gather(*(both(customer, moments.uniform(-0.05, 0.05)) for customer in customers))
    for invoice in invoices:
        await said.until_said(invoice, "InvoiceSent")

    mails = Counter(mail["message_id"] for mail in await partner.mails())
    assert [mails[f"<{invoice}.1@mail.rebilling.example>"] for invoice in invoices] == [1] * len(invoices)


async def test_an_address_that_comes_and_goes_leaves_nothing_stuck(partner: Partner, said: Reader) -> None:
    customers = [await partner.creates_customer() for _ in range(10)]

    async def comes_and_goes(customer: str) -> str:
        invoice = await partner.bills(customer, send=True)
        for n in range(6):
            await partner.changes_customer(customer, email=None if n % 2 else f"at-{n}@harbour.example")
        await partner.changes_customer(customer, email="last@harbour.example")
        return invoice

    invoices = await asyncio.gather(*(comes_and_goes(customer) for customer in customers))
    for invoice in invoices:
        await said.until_said(invoice, "InvoiceSent")

    mails = Counter(mail["message_id"] for mail in await partner.mails())
    assert [mails[f"<{invoice}.1@mail.rebilling.example>"] for invoice in invoices] == [1] * len(invoices)
