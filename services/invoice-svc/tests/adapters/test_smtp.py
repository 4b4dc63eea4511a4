"""Every outcome of a delivery, against the real sink over loopback."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from invoice_svc.adapters.mail_log import HttpLookup, mail_log
from invoice_svc.adapters.mail_settings import SmtpSettings
from invoice_svc.adapters.smtp import SmtpMailer
from invoice_svc.workers.mailer import (
    Accepted,
    Letter,
    MailLogAway,
    NotMarked,
    Outcome,
    PdfFailed,
    PermanentFailure,
    Seller,
    TransientFailure,
    Unknown,
)
from shared.contracts.invoice_shapes import Invoice

Letters = Callable[..., Letter]
PDF = b"%PDF-1.7 not a real one\r\n.\r\n..dots\n"


class PaperPdf:
    async def render(self, invoice: Invoice, seller: Seller) -> bytes:
        return PDF


class BrokenPdf:
    async def render(self, invoice: Invoice, seller: Seller) -> bytes:
        raise PdfFailed("the printer is on fire")


class Mark:
    """Answers as told, and counts how often it was asked."""

    def __init__(self, answer: bool = True) -> None:
        self.asked = 0
        self._answer = answer

    async def __call__(self) -> bool:
        self.asked += 1
        return self._answer


async def deliver(sink: Any, letter: Letter, mark: Callable[[], Awaitable[bool]], **settings: Any) -> Outcome:
    return await SmtpMailer(sink.settings(**settings), pdf=PaperPdf()).deliver(letter, mark=mark)


async def taken(sink: Any, letter: Letter) -> bool | None:
    return await HttpLookup(f"{sink.http}/messages", timeout_s=5).taken(letter.message_id)


async def test_an_accepted_mail_is_marked_once_and_arrives_whole(sink: Any, a_letter: Letters) -> None:
    letter, mark = a_letter(cc=("boss@customer.example",)), Mark()

    outcome = await deliver(sink, letter, mark)

    assert outcome == Accepted(("ap@customer.example", "boss@customer.example"))
    assert mark.asked == 1
    [mail] = sink.messages()
    assert mail["message_id"] == letter.message_id
    assert mail["from"] == "billing@reseller.example"
    assert mail["from_name"] == letter.seller.name
    assert mail["header_to"] == ["ap@customer.example"]
    assert mail["header_cc"] == ["boss@customer.example"]
    assert mail["subject"] == letter.subject
    assert mail["attachments"] == [
        {"filename": "INV-00042.pdf", "content_type": "application/pdf", "size": len(PDF)},
    ]
    assert sink.attachment(letter.message_id) == PDF
    assert await taken(sink, letter) is True


async def test_text_and_html_say_what_is_owed_and_until_when(sink: Any, a_letter: Letters) -> None:
    await deliver(sink, a_letter(), Mark())

    [mail] = sink.messages()
    for body in (mail["text"], mail["html"]):
        for words in ("INV-00042", "€22.00", "14 August 2026", "Due 30 days after the invoice date", "Łódź Ωmega Жук"):
            assert words in body
    assert "Παράδειγμα, «Sons» & Co" in mail["text"]
    assert "Παράδειγμα, «Sons» &amp; Co" in mail["html"]


async def test_who_may_not_mark_sends_nothing(sink: Any, a_letter: Letters) -> None:
    outcome = await deliver(sink, a_letter(), Mark(answer=False))

    assert outcome == NotMarked()
    assert sink.messages() == []


async def test_what_marking_raises_is_not_taken_for_a_failure_of_the_mail_server(sink: Any, a_letter: Letters) -> None:
    async def mark() -> bool:
        raise ConnectionError("the store is away")

    with pytest.raises(ConnectionError, match="the store is away"):
        await deliver(sink, a_letter(), mark)
    assert sink.messages() == []


async def test_a_recipient_refused_for_now_is_taken_at_a_later_attempt(sink: Any, a_letter: Letters) -> None:
    sink.fails(rcpt={"mode": "transient", "code": 451, "times": 1})
    mark = Mark()

    first = await deliver(sink, a_letter(), mark)
    assert first == TransientFailure(
        "EMAIL_DEFERRED", "the mail server refused the customer's address for now: 451 4.3.0"
    )
    assert mark.asked == 0

    assert isinstance(await deliver(sink, a_letter(), mark), Accepted)


async def test_a_greylisted_mail_gets_through_when_it_comes_back(sink: Any, a_letter: Letters) -> None:
    sink.fails(greylist={"times": 1})

    assert isinstance(await deliver(sink, a_letter(), Mark()), TransientFailure)
    assert isinstance(await deliver(sink, a_letter(), Mark()), Accepted)


async def test_a_recipient_refused_for_good_is_a_permanent_failure_without_its_address(
    sink: Any, a_letter: Letters
) -> None:
    sink.fails(rcpt={"mode": "permanent", "address": "ap@customer.example"})
    mark = Mark()

    outcome = await deliver(sink, a_letter(), mark)

    assert outcome == PermanentFailure("EMAIL_REJECTED", "the mail server refused the customer's address: 550 5.1.1")
    assert mark.asked == 0
    assert sink.messages() == []


async def test_a_refused_cc_does_not_fail_the_mail(sink: Any, a_letter: Letters) -> None:
    sink.fails(rcpt={"mode": "permanent", "address": "gone@customer.example"})

    outcome = await deliver(sink, a_letter(cc=("gone@customer.example", "boss@customer.example")), Mark())

    assert outcome == Accepted(("ap@customer.example", "boss@customer.example"))
    [mail] = sink.messages()
    assert mail["to"] == ["ap@customer.example", "boss@customer.example"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (550, PermanentFailure("MAIL_REFUSED", "the mail server refused the mail: 550 5.7.1")),
        (452, TransientFailure("MAIL_DEFERRED", "the mail server refused the mail for now: 452 4.7.1")),
    ],
)
async def test_a_mail_refused_at_its_end_is_known_not_to_be_taken(
    sink: Any, a_letter: Letters, code: int, expected: Outcome
) -> None:
    sink.fails(reject=code)

    assert await deliver(sink, a_letter(), Mark()) == expected
    assert await taken(sink, a_letter()) is False


async def test_a_connection_lost_after_the_last_line_leaves_it_unknown_and_the_log_knows(
    sink: Any, a_letter: Letters
) -> None:
    sink.fails(data="drop_before_reply")

    outcome = await deliver(sink, a_letter(), Mark())

    assert isinstance(outcome, Unknown)
    assert await taken(sink, a_letter()) is True


async def test_the_same_where_the_server_had_not_kept_it(sink: Any, a_letter: Letters) -> None:
    sink.fails(data="drop_before_store")

    assert isinstance(await deliver(sink, a_letter(), Mark()), Unknown)
    assert await taken(sink, a_letter()) is False


async def test_silence_after_the_last_line_leaves_it_unknown(sink: Any, a_letter: Letters) -> None:
    sink.fails(data="silent")

    assert isinstance(await deliver(sink, a_letter(), Mark(), timeout_s=0.5), Unknown)
    assert await taken(sink, a_letter()) is True


@pytest.mark.parametrize("at", ["connect", "mail", "rcpt"])
async def test_a_slow_server_is_given_up_before_the_mark(sink: Any, a_letter: Letters, at: str) -> None:
    sink.fails(slow={"s": 5, "at": at})
    mark = Mark()

    outcome = await deliver(sink, a_letter(), mark, timeout_s=0.3)

    assert outcome == TransientFailure("TIMEOUT", "the mail server took too long")
    assert mark.asked == 0


async def test_whoever_was_stopped_within_the_mail_past_its_time_does_not_end_it(
    sink: Any, a_letter: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others have asked the log meanwhile and send it again: no timer strikes before the next line of this process."""

    def stopped(place: str) -> None:
        if place == "mail-before-last-line":
            time.sleep(2.1)

    monkeypatch.setattr("invoice_svc.adapters.dialogue.failpoint", stopped)

    outcome = await deliver(sink, a_letter(), Mark(), timeout_s=2.0)

    assert outcome == TransientFailure("TIMEOUT", "the mail server took too long")
    assert await taken(sink, a_letter()) is False


async def test_nobody_at_the_port_is_a_transient_failure(a_letter: Letters, unused_tcp_port: int) -> None:
    mailer = SmtpMailer(SmtpSettings(host="127.0.0.1", port=unused_tcp_port, hello="localhost"), pdf=PaperPdf())

    outcome = await mailer.deliver(a_letter(), mark=Mark())

    assert outcome == TransientFailure("UNREACHABLE", "the mail server cannot be reached")


async def test_a_connection_lost_within_the_mail_is_a_transient_failure(a_letter: Letters) -> None:
    """Before the last line the server cannot have taken it."""

    async def hangs_up_in_data(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while not (await reader.readline()).startswith(b"DATA"):
            writer.write(b"250 fine\r\n")
        writer.write(b"354 go\r\n")
        await reader.readline()
        writer.transport.abort()

    server = await asyncio.start_server(hangs_up_in_data, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        huge = "x" * 20_000_000
        mailer = SmtpMailer(SmtpSettings(host="127.0.0.1", port=port, hello="localhost"), pdf=HugePdf(huge.encode()))
        outcome = await mailer.deliver(a_letter(), mark=Mark())

    assert isinstance(outcome, TransientFailure)
    assert outcome.code == "CONNECTION_LOST"


class HugePdf:
    def __init__(self, content: bytes) -> None:
        self._content = content

    async def render(self, invoice: Invoice, seller: Seller) -> bytes:
        return self._content


async def test_no_pdf_no_mail(sink: Any, a_letter: Letters) -> None:
    outcome = await SmtpMailer(sink.settings(), pdf=BrokenPdf()).deliver(a_letter(), mark=Mark())

    assert outcome == TransientFailure("PDF_FAILED", "the printer is on fire")
    assert sink.messages() == []


@pytest.mark.parametrize("address", ["", "no-at", "a@b\r\nRCPT TO:<x@y>", "<x@y>", "a@b>,<c@d"])
async def test_what_is_no_address_reaches_no_server(sink: Any, a_letter: Letters, address: str) -> None:
    outcome = await deliver(sink, a_letter(to=(address,)), Mark())

    assert isinstance(outcome, PermanentFailure)
    assert outcome.code == "EMAIL_REJECTED"


async def test_addresses_of_other_scripts_are_mailed_to(sink: Any, a_letter: Letters) -> None:
    outcome = await deliver(sink, a_letter(to=("λογιστήριο@παράδειγμα.example",)), Mark())

    assert isinstance(outcome, Accepted)
    [mail] = sink.messages()
    assert mail["to"] == ["λογιστήριο@xn--hxajbheg2az3al.example"]
    assert mail["header_to"] == mail["to"]


async def test_a_log_that_cannot_be_asked_knows_nothing(sink: Any) -> None:
    assert await mail_log(sink.settings()).taken("<x@y>") is None


async def test_a_log_that_is_away_says_so(sink: Any, unused_tcp_port: int) -> None:
    log = mail_log(sink.settings(lookup=f"http://127.0.0.1:{unused_tcp_port}/messages"))

    with pytest.raises(MailLogAway):
        await log.taken("<x@y>")


def test_a_password_is_not_sent_in_the_clear() -> None:
    with pytest.raises(ValueError, match="SECURITY"):
        SmtpSettings(host="mail.example", username="u")
