"""What can happen to a link. A fact carries what others are told beside the link's state."""

from collections.abc import Mapping
from dataclasses import dataclass

from psa_sync_svc.domain.fields import Field, FieldValue
from psa_sync_svc.domain.link import Review, Standing, Told


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """What the fields are to become here, where they are still what they were."""

    changes: Mapping[Field, Told]


@dataclass(frozen=True, slots=True)
class FieldsPushed:
    customer_version: int
    fields: Mapping[Field, FieldValue]


@dataclass(frozen=True, slots=True)
class PushFailed:
    customer_version: int
    fields: Mapping[Field, FieldValue]
    code: str
    detail: str
    will_retry: bool


@dataclass(frozen=True, slots=True)
class ConflictFound:
    review: Review


@dataclass(frozen=True, slots=True)
class ConflictResolved:
    review: Review


@dataclass(frozen=True, slots=True)
class AccountStandingChanged:
    """The account was switched off, is gone, or is back; what the customer has stays as it is."""

    previous: Standing


LinkFact = AccountChanged | FieldsPushed | PushFailed | ConflictFound | ConflictResolved | AccountStandingChanged
