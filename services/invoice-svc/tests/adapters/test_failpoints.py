"""A process killed right before or after the last line of a mail: the log tells the two apart, the process cannot."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from invoice_svc.adapters.mail_log import HttpLookup

_SENDER = """
import asyncio, sys
from datetime import date
from decimal import Decimal
from invoice_svc.adapters.mail_settings import PdfSettings, SmtpSettings
from invoice_svc.adapters.pdf import TypstPdf
from invoice_svc.adapters.smtp import SmtpMailer
from invoice_svc.workers.mailer import Letter, Seller
from shared.contracts.invoice_shapes import Invoice

INVOICE = Invoice.model_validate_json(sys.argv[1])

async def mark():
    return True

async def main():
    settings = SmtpSettings(host="127.0.0.1", port=int(sys.argv[2]), hello="localhost")
    letter = Letter("<killed@rebilling.invalid>", Seller("S", "s@reseller.example"), ("a@b.example",), (), "s", INVOICE)
    async with TypstPdf(PdfSettings()) as pdf:
        print(await SmtpMailer(settings, pdf=pdf).deliver(letter, mark=mark))

asyncio.run(main())
"""


@pytest.mark.parametrize(("place", "arrived"), [("mail-before-last-line", False), ("mail-after-last-line", True)])
async def test_the_mail_system_knows_what_the_killed_process_cannot_say(
    sink: Any, an_invoice: Any, tmp_path: Path, place: str, arrived: bool
) -> None:
    (tmp_path / place).touch()
    env = {**os.environ, "REBILLING_FAILPOINTS": str(tmp_path)}
    command = [sys.executable, "-c", _SENDER, an_invoice().model_dump_json(), str(sink.smtp_port)]
    log = HttpLookup(f"{sink.http}/messages", timeout_s=5)

    killed = subprocess.run(command, env=env, capture_output=True, check=False)  # noqa: ASYNC221 # nothing else to do
    assert killed.returncode == 9, killed.stderr
    assert await log.taken("<killed@rebilling.invalid>") is arrived

    again = subprocess.run(command, env=env, capture_output=True, check=True)  # noqa: ASYNC221
    assert b"Accepted" in again.stdout
    assert len(sink.messages()) == 1 + arrived
