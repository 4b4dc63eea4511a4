"""Our values on their way to the PSA: marked before the call, settled by what came of it or by what is seen there."""

from collections.abc import Mapping
from dataclasses import replace

from psa_sync_svc.domain.account import with_field
from psa_sync_svc.domain.arriving import confirmed
from psa_sync_svc.domain.fields import Field, FieldValue
from psa_sync_svc.domain.link import Attempt, Held, Link
from psa_sync_svc.domain.link_facts import FieldsPushed, LinkFact, PushFailed
from psa_sync_svc.domain.mirror import Trouble
from psa_sync_svc.domain.policy import Policies
from psa_sync_svc.domain.settling import settle
from psa_sync_svc.domain.values import Values
from shared.engine.decision import Decision, Problem


def mark(link: Link, values: Mapping[Field, FieldValue], at: str) -> Decision[Link, LinkFact]:
    """Only what is still to go, as it is now; what has changed meanwhile waits for the next attempt."""
    waiting = link.to_push
    still = {field: value for field, value in values.items() if field in waiting and waiting[field] == value}
    if not still or link.attempt is not None:
        return Decision(link)
    number, theirs = link.attempts + 1, link.theirs
    before = {} if theirs is None else {field: theirs[field] for field in still}
    attempt = Attempt(number, still, link.customer_version, at, before)
    return Decision(replace(link, attempts=number, attempt=attempt))


def pushed(link: Link, attempt: Attempt, policies: Policies, at: str) -> Decision[Link, LinkFact]:
    """The PSA confirmed it. An attempt that is not this link's any more says nothing of it but that one should look."""
    if link.attempt is None or link.attempt.number != attempt.number:
        return _looked_at(link)
    known, theirs, seen, sent = link, link.theirs or Values(), link.seen, link.attempt.values
    for field, value in sent.items():
        previous, theirs = theirs[field], theirs.having(field, value)
        link = confirmed(link, field, value, previous=previous, at=at)
        link = link.having(field, replace(link.state(field), unread=None, theirs_since=at))
        seen = seen and with_field(seen, field, value)
    link = replace(link, attempt=None, theirs=theirs, seen=seen, seen_at=at, tries=0, due_at=None, trouble=None)
    said = FieldsPushed(attempt.customer_version, sent)
    return settle(known, link, policies, at, said)


def refused(
    link: Link, attempt: Attempt, problems: Mapping[Field, Problem], policies: Policies, at: str
) -> Decision[Link, LinkFact]:
    """The PSA said so. Of whose attempt it is the same holds as for a confirmation."""
    if link.attempt is None or link.attempt.number != attempt.number:
        return _looked_at(link)
    return hold(replace(link, attempt=None), attempt.values, problems, policies, at)


def _looked_at(link: Link) -> Decision[Link, LinkFact]:
    return Decision(link if link.account is None or link.look else replace(link, look=True))


def hold(
    link: Link, values: Mapping[Field, FieldValue], problems: Mapping[Field, Problem], policies: Policies, at: str
) -> Decision[Link, LinkFact]:
    """Of these values some cannot be held by the PSA: each is told, and the others go on. What has changed meanwhile
    is another value."""
    known, facts = link, list[LinkFact]()
    for field, problem in problems.items():
        value = values[field]
        if field not in link.to_push or link.to_push[field] != value:
            continue
        link = link.having(field, replace(link.state(field), held=Held(value, problem.code, problem.detail)))
        facts.append(PushFailed(link.customer_version, {field: value}, problem.code, problem.detail, will_retry=False))
    return settle(known, link, policies, at, *facts)


def failed(link: Link, trouble: Trouble, *, due_at: str | None) -> Decision[Link, LinkFact]:
    """It goes on by itself at `due_at`. Said where the trouble is new: not with each try."""
    if not link.due:
        return Decision(link)
    after = replace(link, tries=link.tries + 1, due_at=due_at, trouble=trouble)
    values = link.attempt.values if link.attempt is not None else link.to_push
    if not values or (link.trouble is not None and link.trouble.code == trouble.code):
        return Decision(after)
    said = PushFailed(link.customer_version, values, trouble.code, trouble.detail, will_retry=True)
    return Decision(after, (said,))
