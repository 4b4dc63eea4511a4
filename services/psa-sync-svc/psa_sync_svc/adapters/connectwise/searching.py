"""What a person looks for, as conditions take it."""

import re
from typing import Final

_UNSAFE: Final = re.compile(r'["\\\x00-\x1f\x7f]')
"""How they are written within quotes is in no source, so they are left out: what stands between them is looked for."""


def containing(text: str, *names: str) -> str | None:
    """The condition that one of the fields contains the text, None: nothing that can be asked for is left of it."""
    pieces = [piece for piece in _UNSAFE.split(text) if piece.strip()]
    if not pieces:
        return None
    return "(" + " or ".join(_all(name, pieces) for name in names) + ")"


def _all(name: str, pieces: list[str]) -> str:
    return "(" + " and ".join(f'{name} contains "{piece}"' for piece in pieces) + ")"
