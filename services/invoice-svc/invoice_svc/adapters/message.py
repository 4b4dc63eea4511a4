"""Makes the mail of an invoice: text, HTML and the PDF, with the headers that mail systems look at."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from invoice_svc.adapters import headers, wording
from invoice_svc.workers.mailer import Letter

_BODY = policy.SMTP.clone(cte_type="7bit")
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=select_autoescape(enabled_extensions=("html.j2",)),
    undefined=StrictUndefined,
    keep_trailing_newline=True,
)


@dataclass(frozen=True, slots=True)
class Envelope:
    """Whom the server took the mail for, all addresses as they go on the wire."""

    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...]

    @property
    def recipients(self) -> tuple[str, ...]:
        return (*self.to, *self.cc)


def compose(letter: Letter, pdf: bytes, envelope: Envelope) -> bytes:
    """The whole mail with CRLF line ends; all ASCII, but for addresses that are not."""
    words = _words(letter)
    body = EmailMessage(policy=_BODY)
    body.set_content(_TEMPLATES.get_template("mail.txt.j2").render(words))
    body.add_alternative(_TEMPLATES.get_template("mail.html.j2").render(words), subtype="html")
    name = headers.file_name(letter.invoice.number)
    body.add_attachment(pdf, maintype="application", subtype="pdf", filename=name)
    return _head(letter, envelope).encode() + body.as_bytes()


def _head(letter: Letter, envelope: Envelope) -> str:
    fields = [
        ("Date", format_datetime(datetime.now(UTC))),
        ("Message-ID", headers.message_id(letter.message_id)),
        ("From", headers.mailbox(letter.seller.name, envelope.sender)),
        ("To", ",\r\n ".join(envelope.to)),
        *([("Cc", ",\r\n ".join(envelope.cc))] if envelope.cc else []),
        ("Subject", headers.phrase(letter.subject)),
        ("Auto-Submitted", "auto-generated"),
    ]
    return "".join(f"{name}: {value}\r\n" for name, value in fields)


def _words(letter: Letter) -> dict[str, str]:
    invoice = letter.invoice
    company = headers.one_line(invoice.customer.company_name) if invoice.customer else ""
    return {
        "greeting": f"Dear {company}," if company else "Hello,",
        "seller": headers.one_line(letter.seller.name),
        "number": invoice.number or "",
        "issued": wording.day(invoice.issue_date),
        "due": wording.day(invoice.due_date) if invoice.due_date else "",
        "terms": wording.terms(invoice.payment_terms),
        "total": wording.money(invoice.total, invoice.currency),
    }
