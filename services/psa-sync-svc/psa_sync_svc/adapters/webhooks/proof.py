"""What the proofs of all PSAs have in common: nothing is compared so that the time tells how much of it was right."""

import hmac
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from psa_sync_svc.workers.webhooks import Unreadable

_NONE: Final = b"no secret is as long as this, and none is made of it"


def same(right: str, given: str) -> bool:
    """Texts of any letters."""
    return hmac.compare_digest(right.encode(), given.encode("utf-8", "replace"))


def key_of(secret: str | None) -> bytes:
    """Where there is no secret, some other key, so that refusing takes as long."""
    return _NONE if secret is None else secret.encode()


def mark_of(body: bytes) -> str:
    """Every delivery differs somewhere, in a number or a time."""
    return sha256(body).hexdigest()


def object_in(body: bytes) -> Mapping[str, Any]:
    """By names in lower case: sources differ in how these are written. Raises `Unreadable`."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("the body is no JSON") from None
    if not isinstance(found, dict):
        raise Unreadable("the body is no JSON object")
    return {str(name).lower(): value for name, value in found.items()}


def id_of(given: object) -> str | None:
    """An id as accounts have it here; None for what is none."""
    text = str(given) if isinstance(given, int) and not isinstance(given, bool) else given
    if not isinstance(text, str) or not text.isascii() or not text.isdecimal() or len(text) > _LONGEST_ID:
        return None
    return str(int(text))


_LONGEST_ID: Final = 19
