"""A person decides a conflict: one side's value, or another, goes to both."""

from dataclasses import dataclass, replace
from enum import StrEnum

from psa_sync_svc.domain.alike import alike
from psa_sync_svc.domain.fields import Field, FieldValue
from psa_sync_svc.domain.link import Link, Provenance, Review, Source, Told
from psa_sync_svc.domain.link_facts import LinkFact
from psa_sync_svc.domain.policy import Policies
from psa_sync_svc.domain.reading import in_our_form
from psa_sync_svc.domain.reviewing import closed
from psa_sync_svc.domain.settling import settle
from psa_sync_svc.domain.values import Values
from shared.engine.decision import Decision, Problem, Refused, refuse


class Choose(StrEnum):
    OURS = "ours"
    THEIRS = "theirs"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Choice:
    """`value` counts only where `choose` is `value`. `by`: who chose."""

    choose: Choose
    value: FieldValue
    by: str
    at: str


def resolve(
    link: Link, number: int, choice: Choice, policies: Policies, region: str | None
) -> Decision[Link, LinkFact]:
    """What the PSA has is overruled from here on, and goes on being so until it changes there once more."""
    review = next((each for each in link.reviews if each.number == number and each.open), None)
    if review is None:
        raise over()
    field = review.field
    value = _chosen(link, review, choice, region)
    after = closed(link, field, chosen=value, by=choice.by, at=choice.at)
    after = overruled(after, field, value, Provenance(Source.REVIEW, choice.by, choice.at))
    return settle(link, after, policies, choice.at)


def over() -> Refused:
    return refuse(
        "/conflict_id", "CONFLICT_WITH_STATE", "the conflict is over: it was decided, or both sides are alike"
    )


def overruled(link: Link, field: Field, value: FieldValue, origin: Provenance) -> Link:
    """Both sides are to get `value`: customer-svc first, where it has another one, and then the PSA."""
    state, ours = link.state(field), link.ours[field]
    told = None if alike(ours, value) else Told(ours, value, origin.at, origin.source, origin.by)
    state = replace(state, told=told, apart=False, held=None, origin=state.origin if told else origin)
    return link.with_base(field, (link.theirs or Values())[field]).having(field, state)


def _chosen(link: Link, review: Review, choice: Choice, region: str | None) -> FieldValue:
    field = review.field
    match choice.choose:
        case Choose.OURS:
            return link.ours[field]
        case Choose.THEIRS:
            if (unread := link.state(field).unread) is not None:
                raise refuse("/choose", unread.code, f"what the PSA has cannot be taken over: {unread.detail}")
            return (link.theirs or Values())[field]
        case Choose.VALUE:
            return _given(link, field, choice.value, region)


def _given(link: Link, field: Field, value: FieldValue, region: str | None) -> FieldValue:
    """Where it is wrong, each place is named under `/value`."""
    if value is not None and isinstance(value, str) == (field is Field.COMPANY_ADDRESS):
        what = "an address" if field is Field.COMPANY_ADDRESS else "a text"
        raise refuse("/value", "INVALID", f"must be {what}, since the conflict is about {field}")
    address = link.ours.company_address
    found, problem = in_our_form(field, value, (address and address.country) or region)
    if problem is not None:
        raise Refused(Problem(problem.pointer.replace(f"/{field}", "/value", 1), problem.code, problem.detail))
    return found
