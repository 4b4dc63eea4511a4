"""What the workers need of a PSA, whichever it is.

Errors, by what is to be done about them; no text holds a credential or personal data:

    PsaError
    ├── Transient      it may work later: away, too slow, an error page, a lock there; nothing was changed
    │   ├── Away           the PSA itself gave no answer
    │   ├── NotAsked       held up on our side, so it says nothing of the PSA; a change of two requests may be half made
    │   ├── RateLimited    it may work after `retry_after_s`
    │   └── Unanswered     no clear answer came to a change: it may have been made, so read before repeating it
    ├── AuthFailed     the credentials are not taken: calls stop, since repeated failures lock the account there
    └── Permanent      it will not work as it is: this request, this address, or the record there, is wrong
        ├── FieldsRefused  these fields cannot be what they were to become
        └── Missing        there is no such account, or these credentials may not see it
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from psa_sync_svc.domain.account import PsaAccount
from psa_sync_svc.domain.fields import Field, FieldValue
from psa_sync_svc.domain.holding import FieldLimits


class PsaError(Exception):
    """`detail` is for a person: what was wrong and what to do."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Transient(PsaError):  # noqa: N818 - read as what happened
    pass


class Away(Transient):
    """No answer of the application itself: it was not reached, or was too slow, or what stands before it says so."""


class NotAsked(Transient):
    """Held up on our side, so it says nothing of the PSA. A change that needs two requests may be half made."""


class RateLimited(Transient):
    def __init__(self, detail: str, retry_after_s: float) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class Unanswered(Transient):
    pass


class AuthFailed(PsaError):  # noqa: N818 - read as what happened
    pass


class Permanent(PsaError):  # noqa: N818 - read as what happened
    pass


class FieldsRefused(Permanent):
    """`fields`: what was wrong with each. Whether the others were changed is not told: ask for them without these."""

    def __init__(self, fields: Mapping[Field, str]) -> None:
        super().__init__("; ".join(f"{name}: {detail}" for name, detail in fields.items()))
        self.fields = fields


class Missing(Permanent):
    pass


class Purpose(StrEnum):
    """What a client is for. `interactive`: a person waits, so it may use what others leave. `test`: a person wants to
    know whether the credentials work, so it calls also where they were refused before."""

    BACKGROUND = "background"
    INTERACTIVE = "interactive"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Connection:
    """How an integration is reached. `credentials` are decrypted: this object is made for a call and goes with it.
    `number`: the integration's `connection`, so that a client can tell that there are newer ones."""

    integration_id: str
    partner_id: str
    base_url: str | None
    credentials: Mapping[str, str]
    number: int = 1
    purpose: Purpose = Purpose.BACKGROUND

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
        """Every account in pages, in the order of their ids; `modified_since` (RFC 3339): only those changed since.
        A page may be empty, and others follow: it takes long, and each has to come within the time of a call."""
        ...

    async def search(self, text: str, limit: int) -> Sequence[PsaAccount]:
        """Accounts whose name or reference contains the text, the first `limit` of them: for a person who waits, while
        the list is not mirrored yet. No text: none."""
        ...

    async def limits(self) -> FieldLimits:
        """What an account can hold, read from the PSA where it tells and kept for a while. For `unheld`."""
        ...

    async def update(self, account_id: str, values: Mapping[Field, FieldValue]) -> None:
        """Makes exactly these fields what is given, by one attempt that is not repeated; None: empties them.

        An address replaces the whole address. Raises `FieldsRefused`, `Missing`, `Unanswered` beside the other errors.
        Another `Permanent` is about the request or the record as a whole.
        """
        ...

    async def aclose(self) -> None: ...


class Psas(Protocol):
    """Makes the client of a provider."""

    def open(self, provider: str, connection: Connection) -> Psa:
        """Raises `Permanent` for a `base_url` that may not be called."""
        ...
