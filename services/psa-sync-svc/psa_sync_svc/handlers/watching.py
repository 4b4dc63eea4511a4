"""When an integration is polled before its time: for a new connection, a first link, or since a webhook said so."""

from psa_sync_svc.aggregates import INTEGRATION, WATCH, watch_id
from psa_sync_svc.domain.integration import Integration, living
from psa_sync_svc.domain.link import Link
from psa_sync_svc.domain.watch import Pace, Watch, hint, look, start
from shared.engine.change import Change, Reads, Ref
from shared.engine.decision import Decision

WatchChange = Change[Watch, object]


def looking(integration: Integration) -> WatchChange:
    """Also where nobody is linked: that is found out when it is due."""
    fresh = Watch(integration.integration_id, integration.partner_id)

    def decide(known: Watch | None, _reads: Reads) -> Decision[Watch, object]:
        return look(known, fresh, integration.connection)

    return Change(WATCH, watch_id(integration.partner_id, integration.integration_id), decide, once=False)


def beginning(link: Link, integration_id: str) -> WatchChange:
    """A link names its integration in customer-svc's words: one that there is not, or another partner's, is no reason
    to poll anything."""
    fresh, integration = Watch(integration_id, link.partner_id), Ref(INTEGRATION, integration_id)

    def decide(known: Watch | None, reads: Reads) -> Decision[Watch, object]:
        if living(reads[integration], link.partner_id) is None:
            return Decision(known)  # type: ignore[arg-type]  # None: no document is made
        return start(known, fresh)

    return Change(WATCH, watch_id(link.partner_id, integration_id), decide, reads=(integration,), once=False)


def hinting_at(integration: Integration, pace: Pace) -> WatchChange:
    """A webhook told of an account that nobody is linked with."""
    fresh = Watch(integration.integration_id, integration.partner_id)

    def decide(known: Watch | None, _reads: Reads) -> Decision[Watch, object]:
        return hint(known, fresh, pace)

    return Change(WATCH, watch_id(integration.partner_id, integration.integration_id), decide, once=False)
