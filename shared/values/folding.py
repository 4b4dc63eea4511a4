"""Texts as people search and sort them: case, accents and other ways to write a letter do not count."""

import unicodedata
from typing import Final

_FIRST_ACCENT: Final = "\u0300"
_LAST_ACCENT: Final = "\u036f"
"""The accents of Latin, Greek and Cyrillic; marks of other scripts are part of the word."""


def folded(text: str) -> str:
    """`Façade` and `FACADE` are the same, however the cedilla is encoded; `Straße` is `strasse`, `Işık` is `isik`."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", "".join(c for c in parts if not _FIRST_ACCENT <= c <= _LAST_ACCENT)).replace(
        "ı", "i"
    )
