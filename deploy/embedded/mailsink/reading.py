"""What a mail says, as JSON: a person and a test read that rather than MIME."""

from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from email.utils import getaddresses
from typing import Any


def bare(message_id: str) -> str:
    """Message-IDs are compared without their angle brackets, which callers write or leave out."""
    return message_id.strip().removeprefix("<").removesuffix(">")


def parse(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def summary(raw: bytes, sender: str, recipients: list[str]) -> dict[str, Any]:
    """The contract's shape of a message; `to` is everybody it was handed over for, the cc too, as in the envelope."""
    mail = parse(raw)
    from_name, from_address = _first(getaddresses(mail.get_all("From", [])), ("", sender))
    return {
        "message_id": str(mail.get("Message-ID", "")).strip(),
        "from": from_address,
        "from_name": from_name,
        "to": recipients,
        "header_to": _addresses(mail, "To"),
        "header_cc": _addresses(mail, "Cc"),
        "envelope_from": sender,
        "subject": str(mail.get("Subject", "")),
        "text": _body(mail, "plain"),
        "html": _body(mail, "html"),
        "attachments": [_described(part) for part in mail.iter_attachments()],
    }


def attachment(raw: bytes, number: int) -> tuple[str, bytes] | None:
    """Content type and bytes of the attachment with that number, counted from 0."""
    parts = list(parse(raw).iter_attachments())
    if not 0 <= number < len(parts):
        return None
    return parts[number].get_content_type(), _bytes(parts[number])


def _addresses(mail: EmailMessage, header: str) -> list[str]:
    return [address for _, address in getaddresses(mail.get_all(header, []))]


def _body(mail: EmailMessage, kind: str) -> str | None:
    part = mail.get_body((kind,))
    return None if part is None else str(part.get_content()).replace("\r\n", "\n")


def _described(part: MIMEPart) -> dict[str, Any]:
    return {
        "filename": part.get_filename(),
        "content_type": part.get_content_type(),
        "size": len(_bytes(part)),
    }


def _bytes(part: MIMEPart) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else part.as_bytes()


def _first(pairs: list[tuple[str, str]], otherwise: tuple[str, str]) -> tuple[str, str]:
    return pairs[0] if pairs else otherwise
