"""What keeping credentials needs: they are sealed before anything else sees them, and opened for one call."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from psa_sync_svc.domain.integration import Sealed


class CannotUnseal(Exception):  # noqa: N818 - read as what happened
    """No key that is set opens these credentials, or they belong to another integration."""


class UnknownKey(CannotUnseal):
    """Another process sealed them with a key that this one does not have, or not yet."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose credentials: sealed ones open for nobody else."""

    partner_id: str
    integration_id: str


class Vault(Protocol):
    def seal(self, owner: Owner, credentials: Mapping[str, str]) -> Sealed: ...

    def unseal(self, owner: Owner, sealed: Sealed) -> dict[str, str]:
        """Raises `CannotUnseal`."""
        ...

    def is_newest(self, sealed: Sealed) -> bool:
        """Whether the key that seals today sealed it."""
        ...

    def fingerprint(self, body: bytes) -> bytes:
        """Tells two bodies apart without being a hash that a stolen store could be searched by."""
        ...
