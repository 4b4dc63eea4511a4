"""What customer-svc tells of a customer: the newest version counts, whichever of its events is seen."""

from dataclasses import replace
from typing import cast

from psa_sync_svc.domain.alike import alike
from psa_sync_svc.domain.fields import Field
from psa_sync_svc.domain.link import BY_A_PERSON_HERE, Link, Provenance, Side, Source, Synced
from psa_sync_svc.domain.link_facts import LinkFact
from psa_sync_svc.domain.policy import Policies
from psa_sync_svc.domain.reviewing import all_closed
from psa_sync_svc.domain.settling import settle
from shared.engine.decision import Decision


def know(known: Link | None, told: Link, origin: Provenance, policies: Policies, at: str) -> Decision[Link, LinkFact]:
    """`origin`: who made this version, and how. By an import the customer was made out of its account, so both sides
    are alike; the events of one version come one by one, and any of them may tell it."""
    if known is None:
        if told.account is None:
            return Decision(cast(Link, None))  # never linked: no document is made
        return settle(None, _begun(told, origin), policies, at)
    if told.customer_version < known.customer_version:
        return Decision(known)
    if told.customer_version == known.customer_version:
        imported = origin.source is Source.IMPORT and known.base is None and known.account is not None
        return settle(known, replace(known, base=known.ours, look=False), policies, at) if imported else Decision(known)
    if told.account != known.account:
        return settle(known, _begun_anew(known, told, origin, at), policies, at)
    return settle(known, _changed(known, told, origin), policies, at)


def _begun(told: Link, origin: Provenance) -> Link:
    for field in Field:
        told = told.having(field, replace(told.state(field), ours_since=origin.at, origin=origin))
    return replace(told, base=told.ours) if origin.source is Source.IMPORT else told


def _begun_anew(known: Link, told: Link, origin: Provenance, at: str) -> Link:
    """Of another account, or of none, nothing that was is true any more; only what is to be said is kept."""
    fresh = _begun(told, origin) if told.account is not None else told
    return replace(fresh, reviews=all_closed(known, at), reviewed=known.reviewed, attempts=known.attempts)


def _changed(known: Link, told: Link, origin: Provenance) -> Link:
    link = replace(known, customer_version=told.customer_version, ours=told.ours)
    for field in Field:
        before, now = known.ours[field], told.ours[field]
        if before == now:
            continue
        state = link.state(field)
        answered = state.told if state.told is not None and alike(state.told.to, now) else None
        if answered is not None and answered.source in BY_A_PERSON_HERE:
            origin_here = Provenance(answered.source, answered.by, answered.at)
        else:
            origin_here = origin
        state = replace(state, ours_since=origin.at, origin=origin_here, told=None)
        if origin.source is Source.PSA:
            state = replace(state, apart=False, last=Synced(Side.HERE, before, now, origin.at))
            link = link.with_base(field, now)
        link = link.having(field, state)
    return link
