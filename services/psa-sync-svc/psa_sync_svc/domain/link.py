"""A customer's link with an account: what both sides hold, what was last alike, and what is under way between them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from psa_sync_svc.domain.account import PsaAccount
from psa_sync_svc.domain.fields import Field, FieldValue
from psa_sync_svc.domain.mirror import Trouble
from psa_sync_svc.domain.values import Values
from shared.engine.decision import Problem


@dataclass(frozen=True, slots=True)
class LinkedAccount:
    """`link_version`: the customer's version at which the link was made."""

    integration_id: str
    account_id: str
    link_version: int | None = None


class Stand(StrEnum):
    """How one field stands. `push`: ours has yet to go there. `held`: it should, and the PSA cannot hold it. `take`:
    customer-svc was told what it is to become. `review`: a person has to decide. `unread`: what the PSA shows cannot
    be taken over. `unknown`: the two sides were not compared yet."""

    UNKNOWN = "unknown"
    IN_STEP = "in_step"
    PUSH = "push"
    HELD = "held"
    TAKE = "take"
    REVIEW = "review"
    UNREAD = "unread"


class Standing(StrEnum):
    """Of an account in its PSA. `inactive`: switched off there, or merged into another where that leaves it so; `gone`:
    deleted, or no longer shown to us."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    GONE = "gone"


class Source(StrEnum):
    """Where a value came from. `import`: the customer was made out of the account."""

    PORTAL = "portal"
    COMMAND = "command"
    PSA = "psa"
    IMPORT = "import"
    REVIEW = "review"
    UNDO = "undo"


BY_A_PERSON_HERE = frozenset({Source.REVIEW, Source.UNDO})
"""What was told to customer-svc though the PSA does not have it: it goes there once customer-svc has it."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who set a value; a PSA does not tell who it was there."""

    source: Source
    by: str | None
    at: str


@dataclass(frozen=True, slots=True)
class Told:
    """What customer-svc was told that the field is to become, where it was still `was`."""

    was: FieldValue
    to: FieldValue
    at: str
    source: Source = Source.PSA
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A value of ours that the PSA cannot hold."""

    value: FieldValue
    code: str
    detail: str


class Side(StrEnum):
    HERE = "here"
    PSA = "psa"


@dataclass(frozen=True, slots=True)
class Synced:
    """The last time that the field went from one side to the other. `to`: the side that got it, and had `previous`."""

    to: Side
    previous: FieldValue
    value: FieldValue
    at: str


@dataclass(frozen=True, slots=True)
class FieldState:
    """`apart`: the two sides were compared and have never been alike. `origin`: whose value ours is."""

    stand: Stand = Stand.UNKNOWN
    apart: bool = False
    ours_since: str | None = None
    theirs_since: str | None = None
    unread: Problem | None = None
    held: Held | None = None
    told: Told | None = None
    origin: Provenance | None = None
    last: Synced | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A field that a person has to decide. `number`: the how manieth of this customer; its conflict's id comes of it.

    Kept until its conflict's own document has what stands here (`shown`) and it is over (`closed_at`).
    """

    number: int
    field: Field
    account: LinkedAccount
    base: FieldValue
    ours: FieldValue
    theirs: FieldValue
    found_at: str
    chosen: FieldValue = None
    by: str | None = None
    closed_at: str | None = None
    shown: bool = False

    @property
    def open(self) -> bool:
        return self.closed_at is None

    @property
    def content(self) -> "Review":
        """What there is to say of it."""
        return replace(self, shown=False)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call that was about to be made: whoever finds it without an outcome looks what the PSA has. `before`: what the
    PSA showed then of these fields."""

    number: int
    values: Mapping[Field, FieldValue]
    customer_version: int
    at: str
    before: Mapping[Field, FieldValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """One customer that is or was linked. `account` None: the link has ended.

    `base`: what was last alike on both sides; None: never compared. `theirs`: what the PSA showed last, in our form,
    None: nothing yet; `seen`: the whole account then; `gone`: it is no longer there. `look`: it is to be read again.
    `lost`: attempts that may yet arrive, since nobody heard what became of them.
    `tries`, `due_at`, `trouble`: what became of the last calls, and when the next one is made.
    """

    customer_id: str
    partner_id: str
    customer_version: int
    account: LinkedAccount | None
    ours: Values
    base: Values | None = None
    theirs: Values | None = None
    seen: PsaAccount | None = None
    seen_at: str | None = None
    gone: bool = False
    look: bool = False
    fields: Mapping[Field, FieldState] = field(default_factory=dict)
    reviews: tuple[Review, ...] = ()
    reviewed: int = 0
    attempt: Attempt | None = None
    attempts: int = 0
    lost: tuple[Attempt, ...] = ()
    tries: int = 0
    due_at: str | None = None
    trouble: Trouble | None = None

    @property
    def standing(self) -> Standing:
        """As long as it was never looked at an account counts as active."""
        if self.gone:
            return Standing.GONE
        return Standing.ACTIVE if self.seen is None or self.seen.active else Standing.INACTIVE

    def state(self, field: Field) -> FieldState:
        return self.fields.get(field, FieldState())

    def having(self, field: Field, state: FieldState) -> "Link":
        return replace(self, fields={**self.fields, field: state})

    def with_base(self, field: Field, value: FieldValue) -> "Link":
        return replace(self, base=(self.base or Values()).having(field, value))

    def open_review(self, field: Field) -> Review | None:
        return next((each for each in self.reviews if each.field is field and each.open), None)

    def with_review(self, review: Review) -> "Link":
        others = tuple(each for each in self.reviews if each.number != review.number)
        return replace(self, reviews=(*others, review))

    @property
    def to_push(self) -> dict[Field, FieldValue]:
        """What has yet to go to the PSA."""
        if self.account is None or self.gone:
            return {}
        return {field: self.ours[field] for field in Field if self.state(field).stand is Stand.PUSH}

    @property
    def due(self) -> bool:
        """Whether there is something to be done for it: a call, or a conflict to be shown."""
        return self.call_due or any(not each.shown for each in self.reviews)

    @property
    def call_due(self) -> bool:
        return self.account is not None and (self.look or self.attempt is not None or bool(self.to_push))
