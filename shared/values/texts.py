"""Texts as they are kept: one line each, whatever a person or another system typed between the words."""

from unicodedata import normalize


def one_line(text: str | None) -> str | None:
    """Line breaks and other controls become spaces, several spaces one; a blank text is none."""
    return " ".join("".join(c if c.isprintable() else " " for c in text or "").split()) or None


def comparable(text: str | None) -> str | None:
    """The same for all texts that nobody could tell apart: also however their accents are encoded."""
    found = one_line(text)
    return None if found is None else normalize("NFC", found)
