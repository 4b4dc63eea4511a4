"""What delivering needs from the outside: a mailer that says exactly what it knows, a log to ask, a PDF to attach."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from shared.contracts.invoice_shapes import Invoice


@dataclass(frozen=True, slots=True)
class Seller:
    """Who bills: the partner as its settings have it. `address` is the sender of the mail."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail of one invoice. The Message-ID, brackets included, is the same at every attempt of a generation."""

    message_id: str
    seller: Seller
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    invoice: Invoice


@dataclass(frozen=True, slots=True)
class Accepted:
    """The mail server took the mail, for these addresses: all of `to`, and the cc that it did not refuse."""

    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TransientFailure:
    """The mail was not taken, for sure; a later attempt may succeed. Code and detail hold no personal data."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class PermanentFailure:
    """The mail was not taken, for sure, and never will be. EMAIL_REJECTED: the customer's address was refused."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The last line was, or may have been, written, and no answer came: never to be sent again without asking."""

    detail: str


@dataclass(frozen=True, slots=True)
class NotMarked:
    """`mark` said no: nothing was sent."""


Outcome = Accepted | TransientFailure | PermanentFailure | Unknown | NotMarked


class Mailer(Protocol):
    async def deliver(self, letter: Letter, *, mark: Callable[[], Awaitable[bool]]) -> Outcome:
        """Hand the letter over. `mark` is awaited once, after the recipients were taken and right before DATA.

        What `mark` raises is raised; everything else is an outcome. Ends within the mailer's time limit, which is
        below the lease of the work.
        """


class MailLogAway(Exception):  # noqa: N818 # reads as what happened
    """The log gave no answer just now, so nothing is known yet."""


class MailLog(Protocol):
    async def taken(self, message_id: str) -> bool | None:
        """Whether the mail system took it; None: it can never be asked. Raises MailLogAway: ask again later.

        A mail that was on its way when its sender died may be logged a moment later: ask after the lease has run out.
        """


class PdfFailed(Exception):  # noqa: N818 # reads as what happened
    """No PDF was made; a later attempt may succeed. The text holds no personal data."""


class Pdf(Protocol):
    async def render(self, invoice: Invoice, seller: Seller) -> bytes:
        """The invoice as a PDF: the same bytes for the same invoice and seller. Raises PdfFailed."""
