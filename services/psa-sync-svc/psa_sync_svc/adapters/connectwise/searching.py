"""What a person looks for, as conditions take it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from psa_sync_svc.domain.account import PsaAccount

_UNSAFE: Final = re.compile(r'["\\\x00-\x1f\x7f]')
"""How they are written within quotes is in no source, so they are left out: what stands between them is asked for, and
the whole text looked for in what comes."""


@dataclass(frozen=True, slots=True)
class Looked:
    """`exact`: all that comes contains the text."""

    text: str
    conditions: str
    exact: bool

    def among(self, accounts: Iterable[PsaAccount]) -> list[PsaAccount]:
        return [account for account in accounts if self.exact or self._is_in(account)]

    def _is_in(self, account: PsaAccount) -> bool:
        wanted = self.text.casefold()
        return wanted in account.company_name.casefold() or wanted in (account.reference or "").casefold()


def looked_for(text: str, *names: str) -> Looked | None:
    """One of the fields contains the text. None: nothing that can be asked for is left of it."""
    pieces = [piece for piece in _UNSAFE.split(text) if piece.strip()]
    if not pieces:
        return None
    return Looked(text, "(" + " or ".join(_all(name, pieces) for name in names) + ")", exact=pieces == [text])


def _all(name: str, pieces: list[str]) -> str:
    return "(" + " and ".join(f'{name} contains "{piece}"' for piece in pieces) + ")"
