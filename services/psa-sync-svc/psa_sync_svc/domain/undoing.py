"""The last sync of a field is taken back: both sides get what the one that was overwritten had before."""

from psa_sync_svc.domain.alike import alike, is_empty
from psa_sync_svc.domain.fields import Field
from psa_sync_svc.domain.link import Link, Provenance, Source, Stand
from psa_sync_svc.domain.link_facts import LinkFact
from psa_sync_svc.domain.policy import Policies
from psa_sync_svc.domain.resolving import overruled
from psa_sync_svc.domain.settling import settle
from shared.engine.decision import Decision, no_such, refuse


def undo(link: Link | None, field: Field, policies: Policies, *, by: str, at: str) -> Decision[Link, LinkFact]:
    """Undone once more it is as it was before. Only what is in step can be taken back: else somebody's newer change
    would go with it."""
    if link is None or link.account is None:
        raise no_such("customer_id")
    state = link.state(field)
    last = state.last
    if last is None:
        raise refuse("", "CONFLICT_WITH_STATE", f"{field} was never taken from one side to the other under this link")
    if state.stand is not Stand.IN_STEP or not alike(link.ours[field], last.value):
        raise refuse("", "CONFLICT_WITH_STATE", f"{field} has changed since it was last synced; set it as it should be")
    if field is Field.COMPANY_NAME and is_empty(last.previous):
        raise refuse("", "CONFLICT_WITH_STATE", "there was no name before, and a customer needs one")
    after = overruled(link, field, last.previous, Provenance(Source.UNDO, by, at))
    return settle(link, after, policies, at)
