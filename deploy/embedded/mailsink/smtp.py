"""The SMTP side: takes mails on loopback and keeps each before it answers."""

import asyncio
import email.errors
from collections.abc import Callable
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from embedded.mailsink.faults import FaultDesk
from embedded.mailsink.reading import summary
from embedded.mailsink.store import MailStore

MAX_MAIL_BYTES = 25 * 1024 * 1024
MAX_MAILS = 200_000
_LINGER_S = 1.0
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, email.errors.MessageError)


class Conversation(SMTP):
    """A client that dies right after the last line has still handed its mail over, as with a real server.

    aiosmtpd would cancel the handling at the end of the stream; what was received before it is finished here first.
    """

    def eof_received(self) -> bool:
        self.loop.call_later(_LINGER_S, self._hang_up)
        return True

    def _hang_up(self) -> None:
        if self.transport is not None:
            self.transport.close()


class Desk:
    """aiosmtpd's hooks: one method per SMTP command."""

    def __init__(self, *, store: MailStore, faults: FaultDesk) -> None:
        self._store = store
        self._faults = faults

    async def handle_EHLO(  # noqa: N802 # aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        await asyncio.sleep(self._faults.delay_s("connect"))
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await asyncio.sleep(self._faults.delay_s("mail"))
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 sender taken"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await asyncio.sleep(self._faults.delay_s("rcpt"))
        refusal = self._faults.refuse_recipient(address)
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 recipient taken"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.sleep(self._faults.delay_s("data"))
        if self._faults.faults.reject is not None:
            return _refusal(self._faults.faults.reject)
        if len(self._store) >= MAX_MAILS:
            return "452 4.3.1 the sink is full: DELETE /messages empties it"
        fault = self._faults.data_fault()
        if fault != "drop_before_store":
            refused = self._keep(envelope)
            if refused is not None:
                return refused
        if fault == "silent":
            await asyncio.sleep(3600)
        if fault is not None:
            if server.transport is not None:
                server.transport.close()
            raise asyncio.CancelledError
        return "250 2.0.0 kept"

    def _keep(self, envelope: Envelope) -> str | None:
        raw = envelope.original_content or b""
        try:
            shown = summary(raw, envelope.mail_from or "", list(envelope.rcpt_tos))
        except _UNREADABLE:
            return "554 5.6.0 this is no readable mail"
        self._store.add(raw, shown)
        return None


def conversation_factory(*, store: MailStore, faults: FaultDesk) -> Callable[[], Any]:
    """For loop.create_server: one conversation per connection."""
    desk = Desk(store=store, faults=faults)

    def conversation() -> Conversation:
        return Conversation(
            desk,
            hostname="localhost",
            ident="rebilling mail sink",
            enable_SMTPUTF8=True,
            data_size_limit=MAX_MAIL_BYTES,
            loop=asyncio.get_running_loop(),
        )

    return conversation


def _refusal(code: int) -> str:
    return f"{code} {str(code)[0]}.7.1 refused by the sink's switch"
