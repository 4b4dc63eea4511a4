"""Mail headers that no name can break out of, written by hand: Python 3.11 loses a folded name's quotes, and with them
the border between a name and an address.
"""

import re
from email.header import Header

from shared.values.email import email_address

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SIMPLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ]{0,50}")
_MESSAGE_ID = re.compile(r"[!-;=?-~]{1,400}@[!-;=?-~]{1,400}")
_ADDRESS = re.compile(r"[^\s<>,;:\"\\()\[\]@\x00-\x1f\x7f-\x9f]{1,64}@[^\s<>,;:\"\\()\[\]@\x00-\x1f\x7f-\x9f]{1,255}")


def one_line(value: str) -> str:
    """Line breaks and other control characters become a space: a name must not start a header of its own."""
    return _CONTROLS.sub(" ", value).strip()


def phrase(value: str) -> str:
    """Anything but a short plain name as RFC 2047 encoded words, folded."""
    line = one_line(value)
    if _SIMPLE.fullmatch(line):
        return line
    return Header(line, "utf-8", maxlinelen=70).encode(linesep="\r\n")


def mailbox(name: str, address: str) -> str:
    return f"{phrase(name)}\r\n <{address}>" if one_line(name) else address


def message_id(given: str) -> str:
    """With its brackets, on one line whatever its length."""
    bare = given.strip().removeprefix("<").removesuffix(">")
    if not _MESSAGE_ID.fullmatch(bare):
        raise ValueError("a Message-ID is <left@right> in printable ASCII")
    return f"<{bare}>"


def on_the_wire(address: str) -> str | None:
    """The address with its domain in ASCII, a local part of another script as it is; None: it cannot be mailed to.

    Python's own `idna` is of 2003 and makes `straße` somebody else's `strasse`, so it only measures what is ASCII.
    """
    if not _ADDRESS.fullmatch(address):
        return None
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}" if domain.isascii() else email_address(address)
    except ValueError:
        return None


def file_name(number: str | None) -> str:
    """ASCII, as attachments' names are safe everywhere."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", number or "").strip("-.")
    return f"{safe or 'invoice'}.pdf"
