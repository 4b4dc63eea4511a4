"""Texts as people search and sort them: case, accents and other ways to write a letter do not count."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_FIRST_ACCENT: Final = "\u0300"
_LAST_ACCENT: Final = "\u036f"
"""The accents of Latin, Greek and Cyrillic; marks of other scripts are part of the word."""
_WITH: Final = re.compile("LATIN SMALL LETTER ([A-Z]) WITH .+")
_WITHOUT_ACCENT: Final = {"æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i"}


def folded(text: str) -> str:
    """`Façade` and `FACADE` are the same, however the cedilla is encoded; `Straße` is `strasse`, `Işık` is `isik`.

    Letters that Unicode does not take apart are what people type who have no such key: by its name `ł` is an `l` with a
    stroke, so `Łódź` is `lodz` and `Ærø` is `aero`.
    """
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", "".join(_plain(c) for c in parts if not _FIRST_ACCENT <= c <= _LAST_ACCENT))


@lru_cache(maxsize=4_096)
def _plain(letter: str) -> str:
    if letter in _WITHOUT_ACCENT:
        return _WITHOUT_ACCENT[letter]
    named = _WITH.fullmatch(unicodedata.name(letter, ""))
    return named[1].lower() if named else letter
