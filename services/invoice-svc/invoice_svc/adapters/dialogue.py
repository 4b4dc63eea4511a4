"""One SMTP conversation, step by step, in the two halves between which an attempt is marked."""

import asyncio
import contextlib
import re
from time import monotonic

from aiosmtplib import SMTP, SMTPException, SMTPServerDisconnected
from aiosmtplib.protocol import SMTPProtocol
from aiosmtplib.response import SMTPResponse

from invoice_svc.adapters import answers
from invoice_svc.adapters.message import Envelope
from invoice_svc.workers.mailer import Accepted, PermanentFailure, TransientFailure, Unknown
from shared.engine.failpoints import failpoint

_LEADING_DOT = re.compile(rb"(?m)^\.")
_LAST_LINE = b".\r\n"
_GO_AHEAD = 354
_WRITTEN_POLL_S = 0.002
_GOODBYE_S = 1.0

Failure = TransientFailure | PermanentFailure


class Dialogue:
    """`last_line_begun`: from then on the server may have taken the mail, whatever comes or does not come back.

    `until`: the end of its time, in seconds of the monotonic clock; past it the last line is never begun.
    """

    def __init__(self, client: SMTP, *, until: float) -> None:
        self._client, self._until = client, until
        self.last_line_begun = False

    async def introduce(self, envelope: Envelope) -> Envelope | Failure:
        """Up to the last recipient: who is left of the envelope. A refused `to` ends it, a refused cc is left out."""
        await self._client.connect()
        if self._client.is_ehlo_or_helo_needed:
            await self._client.ehlo()
        able = self._that_the_server_can_write(envelope)
        if not isinstance(able, Envelope):
            return able
        sender = await self._mail_from(able)
        if _refused(sender):
            return answers.failure("SENDER_REFUSED", sender)
        for address in able.to:
            answer = await self._rcpt_to(address)
            if _refused(answer):
                return answers.failure("EMAIL_REJECTED", answer)
        cc = [address for address in able.cc if not _refused(await self._rcpt_to(address))]
        return Envelope(able.sender, to=able.to, cc=tuple(cc))

    async def hand_over(self, mail: bytes, recipients: tuple[str, ...]) -> Accepted | Failure | Unknown:
        """DATA, the mail, and its last line apart from the rest: only with that line the server may take it."""
        start = await self._client.execute_command(b"DATA")
        if start.code != _GO_AHEAD:
            return answers.failure("MAIL_REFUSED", start)
        await self._write_all_but_last_line(mail)
        failpoint("mail-before-last-line")
        if monotonic() >= self._until:  # this process was stopped: a timer would strike only after the next line
            raise TimeoutError
        answer = await self._write_last_line()
        if _taken(answer):
            return Accepted(recipients)
        if 400 <= answer.code < 600:
            return answers.failure("MAIL_REFUSED", answer)
        return Unknown(f"the mail server's answer to the mail makes no sense: {answers.codes(answer)}")

    async def leave(self) -> None:
        """Say goodbye, for a moment: what the outcome is was settled before."""
        with contextlib.suppress(SMTPException, OSError):
            async with asyncio.timeout(_GOODBYE_S):
                await self._client.quit()

    def _that_the_server_can_write(self, envelope: Envelope) -> Envelope | Failure:
        """Without SMTPUTF8, a customer's address of another script is refused, and a cc of one left out."""
        if self._client.supports_extension("smtputf8"):
            return envelope
        if not all(map(str.isascii, (envelope.sender, *envelope.to))):
            return PermanentFailure("EMAIL_REJECTED", "the mail server takes no addresses beyond ASCII (SMTPUTF8)")
        return Envelope(envelope.sender, to=envelope.to, cc=tuple(filter(str.isascii, envelope.cc)))

    async def _mail_from(self, envelope: Envelope) -> SMTPResponse:
        utf8 = not all(map(str.isascii, (envelope.sender, *envelope.recipients)))
        options = [b"SMTPUTF8", b"BODY=8BITMIME"] if utf8 else []
        return await self._client.execute_command(b"MAIL", f"FROM:<{envelope.sender}>".encode(), *options)

    async def _rcpt_to(self, address: str) -> SMTPResponse:
        return await self._client.execute_command(b"RCPT", f"TO:<{address}>".encode())

    async def _write_all_but_last_line(self, mail: bytes) -> None:
        """Returns when the operating system has taken it all, so that nothing but the last line is left to write."""
        self._write(_LEADING_DOT.sub(b"..", mail))
        while (transport := self._transport()).get_write_buffer_size() > 0:
            if transport.is_closing():
                break
            await asyncio.sleep(_WRITTEN_POLL_S)

    async def _write_last_line(self) -> SMTPResponse:
        protocol = self._protocol()
        self.last_line_begun = True
        protocol.write(_LAST_LINE)
        failpoint("mail-after-last-line")
        return await protocol.read_response(timeout=None)

    def _write(self, data: bytes) -> None:
        self._protocol().write(data)

    def _protocol(self) -> SMTPProtocol:
        if self._client.protocol is None:
            raise SMTPServerDisconnected("Connection lost")
        return self._client.protocol

    def _transport(self) -> asyncio.WriteTransport:
        if not isinstance(self._client.transport, asyncio.WriteTransport):
            raise SMTPServerDisconnected("Connection lost")
        return self._client.transport


def _taken(answer: SMTPResponse) -> bool:
    return 200 <= answer.code < 300


def _refused(answer: SMTPResponse) -> bool:
    return not _taken(answer)
