"""A partner's connection to its PSA: where it is, with which credentials, and whether they are taken there."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypedDict

from psa_sync_svc.domain.policy import Policies
from psa_sync_svc.domain.provider import Provider
from shared.engine.decision import Decision, refuse


class Status(StrEnum):
    """`auth_failed`: calls by ourselves stop until it is edited or tested, since the PSA locks accounts."""

    UNCHECKED = "unchecked"
    CONNECTED = "connected"
    AUTH_FAILED = "auth_failed"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Sealed:
    """Credentials that only the holder of the key can read."""

    key_id: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Webhook:
    """`secret`: what the PSA proves by that it sends. `stopped_at`: since when it sends nothing, as it told us."""

    secret: Sealed
    secret_made_at: str
    stopped_at: str | None = None


@dataclass(frozen=True, slots=True)
class Integration:
    """`connection` is raised whenever the address or the credentials change: what was learnt under an older one says
    nothing of this one. `base_url` None: the vendor's own address. A deleted one keeps its id and nothing secret.
    `policies`: who is right where both sides changed a field, as far as it was said."""

    integration_id: str
    partner_id: str
    provider: Provider
    name: str
    base_url: str | None
    credentials: Sealed | None = None
    connection: int = 1
    status: Status = Status.UNCHECKED
    code: str | None = None
    detail: str | None = None
    checked_at: str | None = None
    deleted: bool = False
    policies: Policies = field(default_factory=dict)
    webhook: Webhook | None = None
    version: int = 0
    created_at: str = ""
    updated_at: str = ""

    @property
    def callable_by_ourselves(self) -> bool:
        return self.status is not Status.AUTH_FAILED


@dataclass(frozen=True, slots=True)
class Checked:
    """What a call told of a connection. `code` and `detail`: what was wrong, for a program and for a person."""

    status: Status
    connection: int
    at: str | None
    code: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """The integration's state says what it is now."""


class Edit(TypedDict, total=False):
    """What is to be changed; a field that is not there stays as it is."""

    name: str
    base_url: str | None
    credentials: Sealed
    policies: Policies


def create(known: Integration | None, wanted: Integration) -> Decision[Integration, StatusChanged]:
    return Decision(known or wanted)


def living(known: Integration | None, partner_id: str) -> Integration | None:
    """The integration where this partner has it."""
    return None if known is None or known.deleted or known.partner_id != partner_id else known


def edit(known: Integration | None, change: Edit, expected: int | None = None) -> Decision[Integration, StatusChanged]:
    """Credentials are given again with a new address: else whoever may edit could have them sent anywhere."""
    found = _there(known, expected)
    if change.get("base_url", found.base_url) != found.base_url and "credentials" not in change:
        raise refuse("/credentials", "REQUIRED", "a new base_url needs the credentials again")
    changed = replace(found, **change)
    changed = replace(changed, policies={**found.policies, **change.get("policies", {})})
    if (changed.base_url, changed.credentials) == (found.base_url, found.credentials):
        return Decision(found if changed == found else changed)
    anew = replace(
        changed, connection=found.connection + 1, status=Status.UNCHECKED, code=None, detail=None, checked_at=None
    )
    return _told(found, anew)


def reseal(known: Integration, before: Sealed, after: Sealed) -> Decision[Integration, StatusChanged]:
    """The same credentials under a newer key."""
    return Decision(replace(known, credentials=after) if known.credentials == before else known)


def delete(
    known: Integration | None, *, links: int, expected: int | None = None
) -> Decision[Integration, StatusChanged]:
    found = _there(known, expected)
    if links:
        raise refuse(
            "", "CONFLICT_WITH_STATE", f"{links} customers are linked with accounts of it; unlink or archive them first"
        )
    nothing = replace(found, credentials=None, base_url=None, webhook=None)
    return Decision(replace(nothing, deleted=True, connection=found.connection + 1))


def check(known: Integration, checked: Checked) -> Decision[Integration, StatusChanged]:
    """What a person's test told counts whatever stood there."""
    if known.deleted or known.connection != checked.connection:
        return Decision(known)
    return _told(
        known, replace(known, status=checked.status, code=checked.code, detail=checked.detail, checked_at=checked.at)
    )


def notice(known: Integration, checked: Checked) -> Decision[Integration, StatusChanged]:
    """What other calls told: that the credentials are not taken, that the PSA stays away, or that it works where nobody
    knew. Only a person's test or edit ends what refused credentials began."""
    news = {
        Status.AUTH_FAILED: known.status is not Status.AUTH_FAILED,
        Status.UNREACHABLE: known.status in (Status.UNCHECKED, Status.CONNECTED),
        Status.CONNECTED: known.status in (Status.UNCHECKED, Status.UNREACHABLE),
    }
    return check(known, checked) if news.get(checked.status, False) else Decision(known)


def _told(before: Integration, after: Integration) -> Decision[Integration, StatusChanged]:
    """Said where a reader would do something else than before: the same trouble in other words is no news."""
    changed = (before.status, before.code) != (after.status, after.code)
    return Decision(after, (StatusChanged(),) if changed else ())


def _there(known: Integration | None, expected: int | None) -> Integration:
    if known is None or known.deleted:
        raise refuse("/integration_id", "NOT_FOUND", "there is no such integration")
    if expected is not None and expected != known.version:
        raise refuse(
            "",
            "VERSION_MISMATCH",
            f"the integration is at version {known.version}; read it again and repeat the change",
        )
    return known
