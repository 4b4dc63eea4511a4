"""Asks the mail system's log whether it took a mail, for attempts whose outcome nobody learnt."""

from http import HTTPStatus
from urllib.parse import quote

import httpx

from invoice_svc.adapters.mail_settings import SmtpSettings
from invoice_svc.workers.mailer import MailLog, MailLogAway


class HttpLookup:
    """`GET {url}/{message_id}`: 200 taken, 404 not taken; anything else is no answer."""

    def __init__(self, url: str, *, timeout_s: float) -> None:
        self._url = url.rstrip("/")
        self._timeout_s = timeout_s

    async def taken(self, message_id: str) -> bool:
        try:
            async with httpx.AsyncClient(timeout=self._timeout_s, trust_env=False) as client:
                answer = await client.get(f"{self._url}/{quote(message_id, safe='')}")
        except httpx.HTTPError as error:
            raise MailLogAway(f"the mail log could not be reached: {type(error).__name__}") from None
        if answer.status_code not in (HTTPStatus.OK, HTTPStatus.NOT_FOUND):
            raise MailLogAway(f"the mail log answered {answer.status_code}")
        return answer.status_code == HTTPStatus.OK


class NoLookup:
    """A mail system that cannot be asked."""

    async def taken(self, message_id: str) -> bool | None:  # noqa: ARG002 # the port's
        return None


def mail_log(settings: SmtpSettings) -> MailLog:
    if settings.lookup == "none":
        return NoLookup()
    return HttpLookup(settings.lookup, timeout_s=settings.lookup_timeout_s)
