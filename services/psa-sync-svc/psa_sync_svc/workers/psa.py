"""What the workers need of a PSA, whichever it is.

Errors, by what is to be done about them; no text holds a credential or personal data:

    PsaError
    ├── Transient      it may work later: away, too slow, an error page, a lock there
    │   └── RateLimited    it may work after `retry_after_s`
    ├── AuthFailed     the credentials are not taken: calls stop, since repeated failures lock the account there
    └── Permanent      it will not work as it is: this request, or this address, is wrong
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from psa_sync_svc.domain.account import PsaAccount


class PsaError(Exception):
    """`detail` is for a person: what was wrong and what to do."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Transient(PsaError):  # noqa: N818 - read as what happened
    pass


class RateLimited(Transient):
    def __init__(self, detail: str, retry_after_s: float) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class AuthFailed(PsaError):  # noqa: N818 - read as what happened
    pass


class Permanent(PsaError):  # noqa: N818 - read as what happened
    pass


@dataclass(frozen=True, slots=True)
class Connection:
    """How an integration is reached. `credentials` are decrypted: this object is made for a call and goes with it."""

    integration_id: str
    partner_id: str
    base_url: str | None
    credentials: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Connection({self.integration_id})"


class Psa(Protocol):
    """One PSA under one integration's credentials. Every call has a time limit and raises a `PsaError`."""

    async def check(self) -> None:
        """Returns where the address and the credentials work."""
        ...

    async def account(self, account_id: str) -> PsaAccount | None:
        """None: there is no such account, or these credentials may not see it."""
        ...

    def accounts(self, *, modified_since: str | None = None) -> AsyncIterator[Sequence[PsaAccount]]:
        """Every account in pages, in the order of their ids; `modified_since` (RFC 3339): only those changed since."""
        ...

    async def aclose(self) -> None: ...


class Psas(Protocol):
    """Makes the client of a provider."""

    def open(self, provider: str, connection: Connection) -> Psa:
        """Raises `Permanent` for a `base_url` that may not be called."""
        ...
