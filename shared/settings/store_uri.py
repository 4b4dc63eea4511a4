"""The document store's address, read as far as a start may depend on it and without a driver, which tells what it finds
wrong with parts of the password."""

import re
from typing import Final
from urllib.parse import parse_qsl, urlsplit

_SCHEMES: Final = ("mongodb://", "mongodb+srv://")
_WRITTEN_OUT: Final = r"(?:[^:@/?#\[\]%]|%[0-9A-Fa-f]{2})"
_HOST: Final = r"(?:[^:@/?#,\[\]]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?"
_FORM: Final = re.compile(
    rf"mongodb(?:\+srv)?://(?:{_WRITTEN_OUT}+(?::{_WRITTEN_OUT}*)?@)?{_HOST}(?:,{_HOST})*(?:/[^/?#@]*)?(?:\?[^#@]*)?"
)
_UNCHECKED: Final = frozenset({"tlsinsecure", "tlsallowinvalidcertificates", "tlsallowinvalidhostnames"})
_WITHOUT_A_PASSWORD: Final = frozenset({"MONGODB-X509", "MONGODB-AWS", "MONGODB-OIDC"})


class StoreUri:
    """Of one text, which is not repeated."""

    def __init__(self, text: str) -> None:
        self._text = text

    def wrong(self) -> str | None:
        """What is wrong with it, told without it."""
        if not self._text.startswith(_SCHEMES):
            return "the address must begin with mongodb:// or mongodb+srv://"
        if not _FORM.fullmatch(self._text):
            return (
                "no address can be read from it; it has the form mongodb://user:password@host:port,host:port/?option="
                "value, with %XX for each of : / ? # [ ] @ % in the user and the password"
            )
        return None

    @property
    def over_tls(self) -> bool:
        """As drivers take it: only this very word, and by itself where the hosts are looked up."""
        said = {value for name, value in self._options() if name in ("tls", "ssl")}
        return said == {"true"} or (not said and self._text.startswith("mongodb+srv:"))

    @property
    def checks_certificates(self) -> bool:
        return not _UNCHECKED & dict(self._options()).keys()

    @property
    def names_a_user(self) -> bool:
        """One that has to show who it is."""
        user, _, password = urlsplit(self._text).netloc.rpartition("@")[0].partition(":")
        return bool(user and password) or dict(self._options()).get("authmechanism") in _WITHOUT_A_PASSWORD

    def _options(self) -> list[tuple[str, str]]:
        found = parse_qsl(urlsplit(self._text).query, keep_blank_values=True)
        return [(name.lower(), value) for name, value in found]
