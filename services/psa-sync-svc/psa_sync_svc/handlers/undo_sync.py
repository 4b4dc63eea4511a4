"""A person takes the last sync of a field back."""

from collections.abc import Iterator
from dataclasses import replace

from psa_sync_svc.domain.fields import Field
from psa_sync_svc.domain.link import Link
from psa_sync_svc.domain.link_facts import LinkFact
from psa_sync_svc.domain.policy import Policies
from psa_sync_svc.domain.undoing import undo
from psa_sync_svc.handlers.change_link import LinkChange, deciding
from shared.engine.change import Meta
from shared.engine.decision import Decision


def handle(customer_id: str, integration_id: str, field: Field, meta: Meta) -> Iterator[LinkChange]:
    def rule(known: Link | None, policies: Policies) -> Decision[Link, LinkFact]:
        return undo(known, field, policies, by=meta.actor, at=meta.stamp)

    yield replace(deciding(customer_id, integration_id, rule, partner_id=meta.partner_id), once=True)
