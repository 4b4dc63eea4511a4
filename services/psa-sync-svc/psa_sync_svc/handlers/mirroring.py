"""The copy of an integration's account list is wanted: for a new connection, or since somebody looks at an old one."""

from psa_sync_svc.aggregates import MIRROR
from psa_sync_svc.domain.integration import Integration
from psa_sync_svc.domain.mirror import Mirror, want, want_for
from shared.engine.change import Change, Reads
from shared.engine.decision import Decision


def wanting_for(integration: Integration) -> Change[Mirror, object]:
    """Does nothing where this connection was told before."""
    fresh = Mirror(integration.integration_id, integration.partner_id)

    def decide(known: Mirror | None, _reads: Reads) -> Decision[Mirror, object]:
        return want_for(known, fresh, integration.connection)

    return Change(MIRROR, integration.integration_id, decide, once=False)


def wanting(integration: Integration) -> Change[Mirror, object]:
    fresh = Mirror(integration.integration_id, integration.partner_id, integration.connection)

    def decide(known: Mirror | None, _reads: Reads) -> Decision[Mirror, object]:
        return want(known, fresh)

    return Change(MIRROR, integration.integration_id, decide, once=False)
