"""Hands mails over to an SMTP server and tells exactly what is known of each: the phases that aiosmtplib's own
`send_message` hides decide whether a mail may be sent again.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from time import monotonic

from aiosmtplib import SMTP, SMTPException

from invoice_svc.adapters import answers, headers
from invoice_svc.adapters.dialogue import Dialogue
from invoice_svc.adapters.mail_settings import SmtpSettings
from invoice_svc.adapters.message import Envelope, compose
from invoice_svc.workers.mailer import (
    Letter,
    NotMarked,
    Outcome,
    Pdf,
    PdfFailed,
    PermanentFailure,
    TransientFailure,
    Unknown,
)


class SmtpMailer:
    """A `Mailer`: one connection per mail. Making the PDF has a time limit of its own, before the conversation's."""

    def __init__(self, settings: SmtpSettings, *, pdf: Pdf) -> None:
        self._settings = settings
        self._pdf = pdf

    async def deliver(self, letter: Letter, *, mark: Callable[[], Awaitable[bool]]) -> Outcome:
        envelope = _envelope(letter)
        if not isinstance(envelope, Envelope):
            return envelope
        try:
            pdf = await self._pdf.render(letter.invoice, letter.seller)
        except PdfFailed as error:
            return TransientFailure("PDF_FAILED", str(error))
        client = self._client()
        dialogue = Dialogue(client, until=monotonic() + self._settings.timeout_s)
        try:
            return await self._converse(dialogue, letter, envelope, pdf, mark)
        finally:
            client.close()

    async def _converse(
        self,
        dialogue: Dialogue,
        letter: Letter,
        envelope: Envelope,
        pdf: bytes,
        mark: Callable[[], Awaitable[bool]],
    ) -> Outcome:
        """The one place where what went wrong becomes an outcome; what `mark` raises passes through."""
        marking = _Marking(mark)
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                outcome = await self._steps(dialogue, letter, envelope, pdf, marking)
        except (SMTPException, OSError) as error:
            if marking.error is error:
                raise
            if dialogue.last_line_begun:
                return Unknown(f"no answer after the last line of the mail: {answers.kind(error)}")
            return answers.failure_before_the_end(error)
        await dialogue.leave()
        return outcome

    async def _steps(
        self, dialogue: Dialogue, letter: Letter, envelope: Envelope, pdf: bytes, marking: "_Marking"
    ) -> Outcome:
        taken = await dialogue.introduce(envelope)
        if not isinstance(taken, Envelope):
            return taken
        mail = compose(letter, pdf, taken)
        if not await marking():
            return NotMarked()
        return await dialogue.hand_over(mail, taken.recipients)

    def _client(self) -> SMTP:
        settings = self._settings
        return SMTP(
            hostname=settings.host,
            port=settings.port,
            username=settings.username,
            password=settings.password.get_secret_value() if settings.password else None,
            local_hostname=settings.hello or socket.gethostname() or "localhost",
            timeout=settings.timeout_s,
            cert_bundle=str(settings.ca_file) if settings.ca_file else None,
            use_tls=settings.security == "tls",
            start_tls={"auto": None, "starttls": True}.get(settings.security, False),
        )


class _Marking:
    """Remembers what `mark` raised, so that a store that is away is not taken for a mail server that is."""

    def __init__(self, mark: Callable[[], Awaitable[bool]]) -> None:
        self._mark = mark
        self.error: BaseException | None = None

    async def __call__(self) -> bool:
        try:
            return await self._mark()
        except BaseException as error:
            self.error = error
            raise


def _envelope(letter: Letter) -> Envelope | PermanentFailure:
    """An address that cannot stand on the wire is refused here: to the world it is the same as by the server."""
    sender = headers.on_the_wire(letter.seller.address)
    if sender is None:
        return PermanentFailure(
            "SENDER_REFUSED", "the sender's address in the settings is not one that can be mailed from"
        )
    to = [headers.on_the_wire(address) for address in letter.to]
    if not to or None in to:
        return PermanentFailure("EMAIL_REJECTED", "the customer's address is not one that can be mailed to")
    cc = [headers.on_the_wire(address) for address in letter.cc]
    return Envelope(sender, to=tuple(filter(None, to)), cc=tuple(filter(None, cc)))
