"""Credentials at rest: AES-256-GCM, bound to the integration that they belong to, under keys that can be changed."""

import hmac
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from psa_sync_svc.domain.integration import Sealed
from psa_sync_svc.workers.vault import CannotUnseal, Owner, UnknownKey

_NONCE: Final = 12


class _Key:
    """One key. `id` tells it from others and nothing about it. It seals and fingerprints under keys of its own."""

    def __init__(self, secret: bytes) -> None:
        self.id = _derived(secret, b"rebilling credentials: id")[:8].hex()
        self.cipher = AESGCM(_derived(secret, b"rebilling credentials: sealing"))
        self.fingerprints = _derived(secret, b"rebilling credentials: fingerprints")


class KeyVault:
    """`secrets` are 32 bytes each: the first seals, all of them open, the last makes fingerprints, which so stay the
    same when a new key comes before it."""

    def __init__(self, *secrets: bytes) -> None:
        keys = [_Key(secret) for secret in secrets]
        self._newest, self._oldest, self._keys = keys[0], keys[-1], {key.id: key for key in keys}

    def seal(self, owner: Owner, credentials: Mapping[str, str]) -> Sealed:
        nonce = os.urandom(_NONCE)
        text = json.dumps(dict(credentials)).encode()
        return Sealed(
            self._newest.id,
            urlsafe_b64encode(nonce + self._newest.cipher.encrypt(nonce, text, _bound_to(owner))).decode(),
        )

    def unseal(self, owner: Owner, sealed: Sealed) -> dict[str, str]:
        key = self._keys.get(sealed.key_id)
        if key is None:
            raise UnknownKey(f"the key {sealed.key_id} is not among those that are set")
        try:
            raw = urlsafe_b64decode(sealed.text)
            found = json.loads(key.cipher.decrypt(raw[:_NONCE], raw[_NONCE:], _bound_to(owner)))
        except (InvalidTag, ValueError):
            raise CannotUnseal("the credentials were changed, or are another integration's") from None
        return {str(name): str(value) for name, value in found.items()}

    def is_newest(self, sealed: Sealed) -> bool:
        return sealed.key_id == self._newest.id

    def fingerprint(self, body: bytes) -> bytes:
        return hmac.digest(self._oldest.fingerprints, body, sha256)


def _derived(secret: bytes, what_for: bytes) -> bytes:
    return HKDFExpand(SHA256(), 32, what_for).derive(secret)


def _bound_to(owner: Owner) -> bytes:
    return f"{owner.partner_id}|{owner.integration_id}".encode()
