"""What was sent to the PSA without an answer: recognised where it is seen there, also when it comes late."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from psa_sync_svc.domain.alike import alike
from psa_sync_svc.domain.fields import Field, FieldValue
from psa_sync_svc.domain.link import Attempt, Link, Side, Synced
from psa_sync_svc.domain.link_facts import FieldsPushed
from psa_sync_svc.domain.moments import moment
from psa_sync_svc.domain.values import Values

LATE_S: Final = 3600.0
"""So long a change may be on its way: held up in the network, in the PSA, or by a process of ours that was stopped."""
KEPT: Final = 4


def arrived(link: Link, at: str, *, over: bool) -> tuple[Link, tuple[FieldsPushed, ...]]:
    """What of the attempt is seen in the PSA has arrived; so has, late, what of an earlier one is. Else a value of our
    own that comes after a newer one would be taken for an edit there, and the newer one be lost. Of two that sent the
    same, the newer is taken to be it: it knows what stood there last.

    `over`: nobody waits for the attempt's answer any more.
    """
    facts = []
    link = replace(link, lost=tuple(each for each in link.lost if moment(at) - moment(each.at) < LATE_S))
    for attempt in reversed((*link.lost, *_present(link))):
        if found := _seen(link, attempt):
            facts.append(FieldsPushed(attempt.customer_version, found))
            for field, value in found.items():
                previous = attempt.before.get(field, (link.base or Values())[field])
                link = confirmed(link, field, value, previous=previous, at=at)
    if over and link.attempt is not None:
        link = replace(link, attempt=None, lost=(*link.lost, link.attempt)[-KEPT:])
    return link, tuple(facts)


def confirmed(link: Link, field: Field, value: FieldValue, *, previous: FieldValue, at: str) -> Link:
    """The PSA has it: both sides had the same, if ours has not changed since."""
    state = replace(link.state(field), apart=False, last=Synced(Side.PSA, previous, value, at))
    link = link.with_base(field, value).having(field, state)
    lost = (_without(each, field, value) for each in link.lost)
    present = next((_without(each, field, value) for each in _present(link)), None)
    return replace(link, lost=tuple(each for each in lost if each.values), attempt=present if _left(present) else None)


def _present(link: Link) -> tuple[Attempt, ...]:
    return (link.attempt,) if link.attempt is not None else ()


def _left(attempt: Attempt | None) -> bool:
    return attempt is not None and bool(attempt.values)


def _seen(link: Link, attempt: Attempt) -> dict[Field, FieldValue]:
    theirs, base = link.theirs or Values(), link.base or Values()
    return {
        field: value
        for field, value in attempt.values.items()
        if alike(theirs[field], value) and (link.state(field).apart or not alike(base[field], value))
    }


def _without(attempt: Attempt, field: Field, value: FieldValue) -> Attempt:
    left: Mapping[Field, FieldValue] = {
        name: each for name, each in attempt.values.items() if name is not field or not alike(each, value)
    }
    return attempt if len(left) == len(attempt.values) else replace(attempt, values=left)
