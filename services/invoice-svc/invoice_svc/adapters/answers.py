"""What an SMTP server's answers mean for a mail; only their codes are kept, since their text may quote addresses."""

import re

from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPResponseException,
    SMTPServerDisconnected,
)
from aiosmtplib.response import SMTPResponse

from invoice_svc.workers.mailer import PermanentFailure, TransientFailure

_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
_WHAT = {"SENDER_REFUSED": "the sender", "EMAIL_REJECTED": "the customer's address", "MAIL_REFUSED": "the mail"}


def failure(code: str, answer: SMTPResponse) -> TransientFailure | PermanentFailure:
    """By the answer's first digit: 5 is for ever, anything else is worth another try (`…_DEFERRED`)."""
    if 500 <= answer.code < 600:
        return PermanentFailure(code, f"the mail server refused {_WHAT[code]}: {codes(answer)}")
    deferred = f"{code.partition('_')[0]}_DEFERRED"
    return TransientFailure(deferred, f"the mail server refused {_WHAT[code]} for now: {codes(answer)}")


def failure_before_the_end(error: Exception) -> TransientFailure:
    """Connection, greeting, TLS or log-in failed, or it broke off: it says nothing about this mail, so try again."""
    if isinstance(error, SMTPAuthenticationError):
        return TransientFailure("AUTH_FAILED", f"the mail server refused the log-in: {codes(error)}")
    if isinstance(error, SMTPResponseException):
        return TransientFailure("SERVER_REFUSED", f"the mail server refused to serve: {codes(error)}")
    if isinstance(error, TimeoutError):
        return TransientFailure("TIMEOUT", "the mail server took too long")
    if isinstance(error, SMTPServerDisconnected):
        return TransientFailure("CONNECTION_LOST", "the mail server closed the connection before the mail was complete")
    if isinstance(error, SMTPConnectError):
        return TransientFailure("UNREACHABLE", "the mail server cannot be reached")
    return TransientFailure("CONNECTION_LOST", f"the conversation with the mail server failed: {kind(error)}")


def codes(answer: SMTPResponse | SMTPResponseException) -> str:
    """`550 5.1.1`: the code and, where the text begins with one, the enhanced status."""
    enhanced = _ENHANCED.match(answer.message)
    return f"{answer.code} {enhanced.group()}" if enhanced else str(answer.code)


def kind(error: BaseException) -> str:
    return type(error).__name__
