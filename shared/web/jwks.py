"""Whose signatures are believed: the issuer's public keys, from a file that is read again when it changes."""

import json
from pathlib import Path
from typing import Any, Final, Protocol

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

from shared.engine.errors import Unavailable

_Stamp = tuple[int, int, int]
_LARGEST: Final = 1024 * 1024
_log = structlog.get_logger(__name__)


class Keys(Protocol):
    """The keys of one issuer. Raises `Unavailable` where there is nothing yet to look into."""

    async def find(self, kid: str | None) -> Key | None:
        """The key of that id; without an id, the only key there is."""
        ...


class KeySet:
    """Keys by their id. A secret key in a set of public ones is left out: with it, anybody could sign."""

    def __init__(self, raw: bytes) -> None:
        entries = json.loads(raw).get("keys")
        if not isinstance(entries, list):
            raise ValueError("a JWKS is an object with a list `keys`")
        self._keys = [key for entry in entries if (key := _public(entry)) is not None]

    def find(self, kid: str | None) -> Key | None:
        if kid is None:
            return self._keys[0] if len(self._keys) == 1 else None
        return next((key for key in self._keys if key.kid == kid), None)

    def __len__(self) -> int:
        return len(self._keys)


def _public(entry: Any) -> Key | None:
    """A key that can check signatures; RFC 7517 leaves out what is not understood."""
    if not isinstance(entry, dict) or entry.get("kty") == "oct" or entry.get("use", "sig") != "sig":
        return None
    try:
        return JWKRegistry.import_key(entry)
    except (JoseError, ValueError, TypeError, KeyError):
        return None


class FileKeys:
    """A JWKS file. While a change cannot be read, the keys of before stay."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: _Stamp | None = (0, 0, 0)
        self._keys: KeySet | None = None

    async def find(self, kid: str | None) -> Key | None:
        self._read_if_changed()
        if self._keys is None:
            raise Unavailable(f"the JWKS file {self._path.name} cannot be read")
        return self._keys.find(kid)

    def _read_if_changed(self) -> None:
        stamp = self._look()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            if stamp is not None and stamp[1] > _LARGEST:
                raise ValueError("too large for a JWKS")
            self._keys = KeySet(self._path.read_bytes())
        except (OSError, ValueError, AttributeError, RecursionError) as error:
            _log.warning("the JWKS file cannot be read", file=self._path.name, error=error)
        else:
            _log.info("keys read", file=self._path.name, count=len(self._keys))

    def _look(self) -> _Stamp | None:
        """When the file was changed, how large it is, and which file it is; None: there is none."""
        try:
            seen = self._path.stat()
        except OSError:
            return None
        return seen.st_mtime_ns, seen.st_size, seen.st_ino
