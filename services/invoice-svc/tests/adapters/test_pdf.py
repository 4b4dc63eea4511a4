"""The PDF read back, and the process that makes it killed, hung and fed with what looks like markup."""

import asyncio
import contextlib
import io
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from datetime import date
from decimal import Decimal

import psutil
import pytest
import pytest_asyncio
from pypdf import PdfReader

from invoice_svc.adapters.mail_settings import PdfSettings
from invoice_svc.adapters.pdf import TypstPdf
from invoice_svc.workers.mailer import PdfFailed, Seller
from shared.contracts.invoice_shapes import Invoice, Payment

Invoices = Callable[..., Invoice]
SELLER = Seller("Παράδειγμα & «Sons»", "billing@reseller.example")


@pytest_asyncio.fixture
async def pdf() -> AsyncIterator[TypstPdf]:
    async with TypstPdf(PdfSettings(timeout_s=20)) as made:
        yield made


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


async def test_all_that_is_owed_stands_on_it(pdf: TypstPdf, an_invoice: Invoices) -> None:
    text = text_of(await pdf.render(an_invoice(), SELLER))

    for words in (
        *("INV-00042", "15 July 2026", "14 August 2026", "Due 30 days after the invoice date"),
        *(SELLER.name, SELLER.address, "Łódź Ωmega Жук", "Οδός 1", "Αθήνα 10431", "Greece"),
        *("Cloud backup 1", "2.5", "€4.00", "10%", "€1.00", "€10.00", "€20.00", "€2.00", "€22.00", "Page 1 of 1"),
    ):
        assert words in text


async def test_a_part_paid_invoice_says_what_is_left(pdf: TypstPdf, an_invoice: Invoices) -> None:
    paid = Payment(state="partially_paid", paid=Decimal("7.50"))

    text = text_of(await pdf.render(an_invoice(payment=paid), SELLER))

    assert "€7.50" in text
    assert "€14.50" in text


async def test_the_same_invoice_is_the_same_bytes_in_any_process(an_invoice: Invoices) -> None:
    made = []
    for _ in range(2):
        async with TypstPdf(PdfSettings()) as pdf:
            made.append(await pdf.render(an_invoice(), SELLER))

    assert made[0] == made[1]
    created = PdfReader(io.BytesIO(made[0])).metadata
    assert created is not None
    assert created.creation_date is not None
    assert created.creation_date.date() == date(2026, 7, 15)


async def test_many_lines_go_over_pages_that_are_numbered_and_headed(pdf: TypstPdf, an_invoice: Invoices) -> None:
    pages = PdfReader(io.BytesIO(await pdf.render(an_invoice(lines=120), SELLER))).pages

    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page.extract_text()
    assert "UNIT PRICE" in pages[1].extract_text()


@pytest.mark.parametrize(
    "evil",
    [
        '#panic("x")',
        '#read("/etc/passwd")',
        "*bold* _it_ $x$ @ref <label> `raw` // gone",
        '"} #import "@preview/x:1.0.0" #{',
        "\\u{41} [ ] { } #set page(width: 1pt)",
    ],
)
async def test_markup_in_the_data_is_text(pdf: TypstPdf, an_invoice: Invoices, evil: str) -> None:
    text = text_of(await pdf.render(an_invoice(description=evil, name=evil), Seller(evil, "b@reseller.example")))

    squeezed = "".join(text.split())
    assert squeezed.count("".join(evil.split())) >= 4  # seller, customer, two lines


async def test_a_killed_process_is_replaced(pdf: TypstPdf, an_invoice: Invoices) -> None:
    before = await pdf.render(an_invoice(), SELLER)
    first = pdf.process_id
    assert first is not None
    os.kill(first, signal.SIGKILL)

    assert await pdf.render(an_invoice(), SELLER) == before
    assert pdf.process_id != first


async def test_a_hung_process_is_killed_and_the_next_pdf_is_made(an_invoice: Invoices) -> None:
    async with TypstPdf(PdfSettings(timeout_s=8)) as pdf:
        await pdf.render(an_invoice(), SELLER)
        hung = pdf.process_id
        assert hung is not None
        os.kill(hung, signal.SIGSTOP)

        with pytest.raises(PdfFailed, match="longer than 8 s"):
            await pdf.render(an_invoice(), SELLER)

        assert not psutil.pid_exists(hung)
        assert (await pdf.render(an_invoice(), SELLER)).startswith(b"%PDF")


async def test_a_cancelled_wait_does_not_mix_up_answers(pdf: TypstPdf, an_invoice: Invoices) -> None:
    await pdf.render(an_invoice(), SELLER)
    long = asyncio.create_task(pdf.render(an_invoice(lines=400), SELLER))
    await asyncio.sleep(0.1)
    long.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await long

    assert "Cloud backup 1" in text_of(await pdf.render(an_invoice(lines=2), SELLER))


async def test_a_full_queue_refuses_at_once(an_invoice: Invoices) -> None:
    async with TypstPdf(PdfSettings(queue=1)) as pdf:
        first = asyncio.create_task(pdf.render(an_invoice(), SELLER))
        await asyncio.sleep(0)
        with pytest.raises(PdfFailed, match="too many"):
            await pdf.render(an_invoice(), SELLER)
        await first


async def test_closing_ends_the_process(an_invoice: Invoices) -> None:
    async with TypstPdf(PdfSettings()) as pdf:
        await pdf.render(an_invoice(), SELLER)
        process = pdf.process_id

    assert process is not None
    assert not psutil.pid_exists(process)


async def test_a_process_is_replaced_after_its_share_of_pdfs(an_invoice: Invoices) -> None:
    async with TypstPdf(PdfSettings(renders_per_process=1)) as pdf:
        await pdf.render(an_invoice(), SELLER)
        first = pdf.process_id
        await pdf.render(an_invoice(), SELLER)
        assert pdf.process_id != first


def test_the_process_ends_when_its_killed_parent_is_gone() -> None:
    """The parent starts a worker, tells its id and hangs; SIGKILL closes the pipe, and the worker reads its end."""
    parent = subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait(10)
    parent.stdout.close()

    with contextlib.suppress(psutil.NoSuchProcess):
        worker.wait(10)
    assert not worker.is_running()


_PARENT = """
import asyncio
from invoice_svc.adapters.mail_settings import PdfSettings
from invoice_svc.adapters.pdf import TypstPdf

async def main():
    pdf = TypstPdf(PdfSettings())
    process = await pdf._running()
    print(process.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""
