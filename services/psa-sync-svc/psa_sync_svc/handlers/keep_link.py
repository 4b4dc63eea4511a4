"""Which customer is linked with which account, and what it has, is taken from every customer event, by version."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from psa_sync_svc.domain.knowing import know
from psa_sync_svc.domain.link import Link, Provenance, Source
from psa_sync_svc.domain.link_facts import LinkFact
from psa_sync_svc.domain.policy import Policies
from psa_sync_svc.handlers import close_import
from psa_sync_svc.handlers.change_link import deciding, showing
from psa_sync_svc.handlers.contract_fields import link
from psa_sync_svc.handlers.know_customer import knowing
from psa_sync_svc.handlers.watching import beginning
from shared.contracts import topics
from shared.contracts.customers import CustomerCreated, CustomerEvent, CustomerImported, CustomerUpdated
from shared.engine.change import Change, Meta
from shared.engine.decision import Decision

EVENTS: Final = tuple(message for message in topics.CUSTOMERS.messages if issubclass(message, CustomerEvent))


def handle(event: CustomerEvent, meta: Meta) -> Iterator[Change[Any, Any]]:
    told, origin = link(event.customer), _origin(event, meta)
    integration_id = told.account.integration_id if told.account is not None else None

    def rule(known: Link | None, policies: Policies) -> Decision[Link, LinkFact]:
        return know(known, told, origin, policies, meta.stamp)

    known = deciding(told.customer_id, integration_id, rule, partner_id=told.partner_id)
    yield replace(known, then=_following)
    yield knowing(event.customer)
    if isinstance(event, CustomerImported):
        yield from close_import.handle_imported(event, meta)


def _following(state: Link) -> Iterator[Change[Any, Any]]:
    """After the link is saved, so that whoever then finds nobody linked is right."""
    yield from showing(state)
    if state.account is not None:
        yield beginning(state, state.account.integration_id)


def _origin(event: CustomerEvent, meta: Meta) -> Provenance:
    """The event's own word where it has one; else a person has a name, and other systems send commands."""
    match event:
        case CustomerCreated(source="import") | CustomerImported(created=True):
            source = Source.IMPORT
        case CustomerUpdated():
            source = Source(event.source)
        case _:
            source = Source.PORTAL if meta.actor.startswith("user:") else Source.COMMAND
    by = None if source in (Source.PSA, Source.IMPORT) else meta.actor
    return Provenance(source, by, event.customer.updated_at)
