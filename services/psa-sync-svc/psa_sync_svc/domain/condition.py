"""How a link stands, for a person: in step, waiting for something, in conflict, or in trouble, and why."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from psa_sync_svc.domain.fields import Field
from psa_sync_svc.domain.importing import Code
from psa_sync_svc.domain.link import Link, Stand
from psa_sync_svc.domain.noticing import GONE


class Condition(StrEnum):
    IN_STEP = "in_step"
    WAITING = "waiting"
    CONFLICT = "conflict"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Shown:
    """`code` and `detail`: why, for a program and for a person, where there is more to say than the state."""

    state: Condition
    code: str | None = None
    detail: str | None = None


_WORST_FIRST: Final = (Condition.TROUBLE, Condition.CONFLICT, Condition.WAITING)
_PASSING: Final = frozenset({Code.RATE_LIMITED.value, Code.UNAVAILABLE.value})
_OF_A_FIELD: Final = {
    Stand.IN_STEP: Condition.IN_STEP,
    Stand.REVIEW: Condition.CONFLICT,
    Stand.PUSH: Condition.WAITING,
    Stand.TAKE: Condition.WAITING,
    Stand.UNKNOWN: Condition.WAITING,
}


def of_field(link: Link, field: Field) -> Shown:
    state = link.state(field)
    if state.stand is Stand.HELD and state.held is not None:
        return Shown(Condition.TROUBLE, state.held.code, state.held.detail)
    if state.stand is Stand.UNREAD and state.unread is not None:
        return Shown(Condition.TROUBLE, state.unread.code, state.unread.detail)
    return Shown(_OF_A_FIELD.get(state.stand, Condition.WAITING))


def of_link(link: Link) -> Shown:
    """The worst of what there is; trouble with the whole account counts more than with a field."""
    if link.gone:
        return Shown(Condition.TROUBLE, "ACCOUNT_GONE", GONE)
    if link.trouble is not None:
        passing = link.trouble.code in _PASSING
        return Shown(Condition.WAITING if passing else Condition.TROUBLE, link.trouble.code, link.trouble.detail)
    fields = [of_field(link, field) for field in Field]
    return next((each for worst in _WORST_FIRST for each in fields if each.state is worst), Shown(Condition.IN_STEP))
