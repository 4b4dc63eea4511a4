"""The three-way comparison of one field: what was last alike, what we have, what the PSA shows."""

from dataclasses import dataclass
from enum import StrEnum

from psa_sync_svc.domain.alike import alike, is_empty
from psa_sync_svc.domain.fields import FieldValue
from psa_sync_svc.domain.moments import moment
from psa_sync_svc.domain.policy import Policy


class Verdict(StrEnum):
    """`unread`: theirs would count, but cannot be taken over as it stands there."""

    ALIKE = "alike"
    PUSH = "push"
    TAKE = "take"
    REVIEW = "review"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Sides:
    """One field. `compared` False: both sides have never been alike, so there is no `base`.

    `ours_since`, `theirs_since`: when each side got its value, RFC 3339 in UTC, as far as it is known.
    """

    base: FieldValue
    ours: FieldValue
    theirs: FieldValue
    compared: bool = True
    readable: bool = True
    ours_since: str | None = None
    theirs_since: str | None = None


def compare(sides: Sides, policy: Policy) -> Verdict:
    """Where only one side changed, it counts, and where both did, the policy. Of two sides that were never alike, one
    that is empty has nothing to lose and takes the other's value."""
    if sides.readable and alike(sides.ours, sides.theirs):
        return Verdict.ALIKE
    if not _changed(sides, sides.theirs):
        return Verdict.PUSH
    theirs_counts = Verdict.TAKE if sides.readable else Verdict.UNREAD
    if not _changed(sides, sides.ours):
        return theirs_counts
    if policy is Policy.REVIEW:
        return Verdict.REVIEW
    return theirs_counts if _theirs_wins(sides, policy) else Verdict.PUSH


def _theirs_wins(sides: Sides, policy: Policy) -> bool:
    return policy is Policy.PSA or (policy is Policy.NEWEST and moment(sides.theirs_since) > moment(sides.ours_since))


def _changed(sides: Sides, value: FieldValue) -> bool:
    return not alike(value, sides.base) if sides.compared else not is_empty(value)
