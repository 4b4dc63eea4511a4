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


class Edit(TypedDict, total=False):
    """What is to be changed; a field that is not there stays as it is."""

    name: str
    base_url: str | None
    credentials: Sealed
    policies: Policies


def create(known: Integration | None, wanted: Integration) -> Decision[Integration, object]:
    return Decision(known or wanted)


def living(known: Integration | None, partner_id: str) -> Integration | None:
    """The integration where this partner has it."""
    return None if known is None or known.deleted or known.partner_id != partner_id else known


def edit(known: Integration | None, change: Edit, expected: int | None = None) -> Decision[Integration, object]:
    """Credentials are given again with a new address: else whoever may edit could have them sent anywhere."""
    found = _there(known, expected)
    if change.get("base_url", found.base_url) != found.base_url and "credentials" not in change:
        raise refuse("/credentials", "REQUIRED", "a new base_url needs the credentials again")
    changed = replace(found, **change)
    changed = replace(changed, policies={**found.policies, **change.get("policies", {})})
    if (changed.base_url, changed.credentials) == (found.base_url, found.credentials):
        return Decision(found if changed == found else changed)
    return Decision(
        replace(
            changed, connection=found.connection + 1, status=Status.UNCHECKED, code=None, detail=None, checked_at=None
        )
    )


def reseal(known: Integration, before: Sealed, after: Sealed) -> Decision[Integration, object]:
    """The same credentials under a newer key."""
    return Decision(replace(known, credentials=after) if known.credentials == before else known)


def delete(known: Integration | None, *, links: int, expected: int | None = None) -> Decision[Integration, object]:
    found = _there(known, expected)
    if links:
        raise refuse(
            "", "CONFLICT_WITH_STATE", f"{links} customers are linked with accounts of it; unlink or archive them first"
        )
    nothing = replace(found, credentials=None, base_url=None, webhook=None)
    return Decision(replace(nothing, deleted=True, connection=found.connection + 1))


def check(known: Integration, checked: Checked) -> Decision[Integration, object]:
    """What a person's test told counts whatever stood there."""
    if known.deleted or known.connection != checked.connection:
        return Decision(known)
    return Decision(
        replace(known, status=checked.status, code=checked.code, detail=checked.detail, checked_at=checked.at)
    )


def notice(known: Integration, checked: Checked) -> Decision[Integration, object]:
    """What another call told: that the credentials are not taken, or that they work where nobody knew."""
    unknown = known.status in (Status.UNCHECKED, Status.UNREACHABLE)
    failed = checked.status is Status.AUTH_FAILED and known.status is not Status.AUTH_FAILED
    if failed or (checked.status is Status.CONNECTED and unknown):
        return check(known, checked)
    return Decision(known)


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
