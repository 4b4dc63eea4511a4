"""What follows from what both sides hold: each field's stand, what is told here, and what has yet to go to the PSA.

`base` moves where both sides are alike, and where a push is confirmed (`pushing.py`); a value that customer-svc took
from the PSA was alike on both sides too (`knowing.py`).
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from typing import Final

from psa_sync_svc.domain.alike import alike
from psa_sync_svc.domain.comparing import Sides, Verdict, compare
from psa_sync_svc.domain.fields import Field
from psa_sync_svc.domain.link import BY_A_PERSON_HERE, FieldState, Link, Stand, Told
from psa_sync_svc.domain.link_facts import AccountChanged, ConflictFound, ConflictResolved, LinkFact
from psa_sync_svc.domain.moments import moment
from psa_sync_svc.domain.policy import Policies, Policy, policy_of
from psa_sync_svc.domain.reviewing import closed, opened
from psa_sync_svc.domain.values import Values
from shared.engine.decision import Decision

TOLD_AGAIN_S: Final = 3600.0
"""A change that customer-svc has not taken for so long is said once more at the next look."""


def settle(known: Link | None, link: Link, policies: Policies, at: str, *facts: LinkFact) -> Decision[Link, LinkFact]:
    """`known`: the link before this change; `facts`: what is said before what follows from it."""
    after = link
    if link.account is not None and not link.gone:
        begun = _with_nothing_alike_yet(link)
        after = reduce(lambda found, field: _settled(found, field, policy_of(policies, field), at), Field, begun)
        after = replace(after, look=after.look or after.base is None)
    if not (after.look or after.attempt or after.to_push):
        after = replace(after, tries=0, due_at=None, trouble=None)
    said = (*facts, *_follows(known, after))
    return Decision(known if known is not None and after == known else after, said)


def _with_nothing_alike_yet(link: Link) -> Link:
    """The first look after a link by hand: from here on there is a base for every field that was once alike."""
    if link.base is not None or link.theirs is None:
        return link
    apart = {field: replace(link.state(field), apart=True) for field in Field}
    return replace(link, base=Values(), fields=apart)


def _follows(known: Link | None, after: Link) -> Iterator[LinkFact]:
    """What is new in a link is what there is to say."""
    changes = {}
    for field in Field:
        told = after.state(field).told
        if told is not None and (known is None or known.state(field).told != told):
            changes[field] = told
    if changes:
        yield AccountChanged(changes)
    before = {each.number: each.content for each in known.reviews} if known is not None else {}
    for review in after.reviews:
        if before.get(review.number) != review.content:
            yield ConflictFound(review) if review.open else ConflictResolved(review)


def _settled(link: Link, field: Field, policy: Policy, at: str) -> Link:
    state, sides = link.state(field), _sides(link, field)
    if sides is None:
        return link.having(field, replace(state, stand=Stand.UNKNOWN))
    if _waits_for_customers(state, sides):
        return link.having(field, replace(state, stand=Stand.TAKE, told=_again(state.told, at)))
    verdict = compare(sides, policy)
    if verdict is Verdict.REVIEW:
        return opened(link.having(field, replace(state, stand=Stand.REVIEW, told=None)), field, at)
    chosen = sides.ours if verdict in (Verdict.PUSH, Verdict.ALIKE) else sides.theirs
    link = closed(link, field, chosen=chosen, by=None, at=at)
    match verdict:
        case Verdict.ALIKE:
            link, state = link.with_base(field, sides.ours), _in_step(state)
        case Verdict.PUSH:
            state = _to_push(state, sides)
        case Verdict.TAKE:
            state = replace(state, stand=Stand.TAKE, held=None, told=_to_take(state.told, sides, at))
        case Verdict.UNREAD:
            state = replace(state, stand=Stand.UNREAD, held=None, told=None)
    return link.having(field, state)


def _sides(link: Link, field: Field) -> Sides | None:
    """None: there is nothing to compare with. What was never looked at since the import is as it was then."""
    if link.base is None:
        return None
    state, base = link.state(field), link.base[field]
    return Sides(
        base=base,
        ours=link.ours[field],
        theirs=base if link.theirs is None else link.theirs[field],
        compared=not state.apart,
        readable=state.unread is None,
        ours_since=state.ours_since,
        theirs_since=state.theirs_since,
    )


def _waits_for_customers(state: FieldState, sides: Sides) -> bool:
    """A person here chose a value: it goes to the PSA once customer-svc has it."""
    told = state.told
    return told is not None and told.source in BY_A_PERSON_HERE and alike(sides.ours, told.was)


def _in_step(state: FieldState) -> FieldState:
    return replace(state, stand=Stand.IN_STEP, apart=False, held=None, told=None)


def _to_push(state: FieldState, sides: Sides) -> FieldState:
    """What the PSA could not hold once is not tried again before it is another value."""
    held = state.held if state.held is not None and alike(state.held.value, sides.ours) else None
    return replace(state, stand=Stand.PUSH if held is None else Stand.HELD, held=held, told=None)


def _to_take(told: Told | None, sides: Sides, at: str) -> Told | None:
    """Said once for each value that comes to meet each value here."""
    if told is not None and alike(told.was, sides.ours) and alike(told.to, sides.theirs):
        return _again(told, at)
    return Told(sides.ours, sides.theirs, at)


def _again(told: Told | None, at: str) -> Told | None:
    if told is None or moment(at) - moment(told.at) < TOLD_AGAIN_S:
        return told
    return replace(told, at=at)
