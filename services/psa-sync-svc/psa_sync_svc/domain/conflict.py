"""A conflict as it is listed: what the link's review says, kept in a document of its own so that it can be found."""

from dataclasses import dataclass, replace

from psa_sync_svc.domain.link import Review
from psa_sync_svc.domain.resolving import over
from shared.engine.decision import Decision, no_such


@dataclass(frozen=True, slots=True)
class Conflict:
    """The link decides; this is only what it last said. `by`: who chose, None: nobody had to any more."""

    conflict_id: str
    partner_id: str
    customer_id: str
    review: Review
    version: int = 0
    created_at: str = ""
    updated_at: str = ""


def keep(known: Conflict | None, told: Conflict) -> Decision[Conflict, object]:
    """Whatever comes late, one that is over is not opened again."""
    if known is None:
        return Decision(told)
    if not known.review.open or known.review == told.review:
        return Decision(known)
    return Decision(replace(known, review=told.review))


def decidable(known: Conflict | None) -> Decision[Conflict, object]:
    if known is None:
        raise no_such("conflict_id")
    if not known.review.open:
        raise over()
    return Decision(known)
