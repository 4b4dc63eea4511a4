"""What a PSA sends us when something changes there: believed only where it proves to come from there, and even then no
more than a hint that one should look.

    NotBelieved     it does not prove that it comes from this integration's PSA
    Unreadable      it does, and holds nothing that can be read
    PsaError        the proof needs a key of the PSA's, which cannot be had now
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Doubt(StrEnum):
    """Why it is not believed: for our own log. Whoever sent it is told the same of all."""

    NO_INTEGRATION = "no_integration"
    NO_SECRET = "no_secret"  # noqa: S105 - a word for its absence
    NO_SIGNATURE = "no_signature"
    WRONG_SIGNATURE = "wrong_signature"
    NO_KEY_NAMED = "no_key_named"
    KEY_ELSEWHERE = "key_elsewhere"
    ANOTHER_COMPANY = "another_company"


class NotBelieved(Exception):  # noqa: N818 - read as what happened
    def __init__(self, doubt: Doubt) -> None:
        super().__init__(doubt.value)
        self.doubt = doubt


class Unreadable(Exception):  # noqa: N818 - read as what happened
    """`detail` is for a person and repeats nothing of what was sent."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Hook:
    """The integration that something was sent to. `company`: the tenant's name in the PSA, where it has one."""

    integration_id: str
    base_url: str | None
    secret: str | None = field(repr=False)
    company: str | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """As it came. `headers`: by their names in lower case, those that came once."""

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Told:
    """`account_ids`: of the accounts that it is about. `something`: an account changed, and it is not told which.
    `stopped`: nothing more will be sent. `mark`: the same for a repeat and for nothing else; None: repeats cannot be
    told. `sent_at`: RFC 3339, where it says so."""

    account_ids: tuple[str, ...] = ()
    something: bool = False
    stopped: bool = False
    mark: str | None = None
    sent_at: str | None = None


class Webhooks(Protocol):
    """One provider's. `proof_header`: which header carries what is made with the secret; None: there is no secret,
    since the PSA has a key of its own."""

    proof_header: str | None

    async def read(self, hook: Hook, received: Received) -> Told: ...
