"""A partner's integration is made, changed, tested and deleted; its account list is read again where that matters."""

from collections.abc import Iterator
from typing import cast

from psa_sync_svc.aggregates import INTEGRATION
from psa_sync_svc.domain import integration as rules
from psa_sync_svc.domain.integration import Checked, Edit, Integration, Sealed, Status, StatusChanged
from psa_sync_svc.domain.mirror import Mirror
from psa_sync_svc.domain.watch import Watch
from psa_sync_svc.handlers.mirroring import wanting, wanting_for
from psa_sync_svc.handlers.watching import looking
from shared.engine.change import Change, Meta, Reads
from shared.engine.decision import Decision
from shared.engine.outbox import derived_id

IntegrationChange = Change[Integration, StatusChanged]


def new_integration_id(meta: Meta) -> str:
    """The id of the integration that this request makes; a repeat of it derives the same."""
    return derived_id(meta.identity, "integration")


def create(wanted: Integration) -> Iterator[IntegrationChange]:
    def decide(known: Integration | None, _reads: Reads) -> Decision[Integration, StatusChanged]:
        return rules.create(known, wanted)

    yield Change(INTEGRATION, wanted.integration_id, decide, creation=True, then=_new_connection)


def edit(integration_id: str, change: Edit, *, expected_version: int | None) -> Iterator[IntegrationChange]:
    def decide(known: Integration | None, _reads: Reads) -> Decision[Integration, StatusChanged]:
        return rules.edit(known, change, expected_version)

    yield Change(INTEGRATION, integration_id, decide, then=_new_connection)


def delete(integration_id: str, *, links: int, expected_version: int | None) -> Iterator[IntegrationChange]:
    """`links`: how many customers are linked by it, as far as customer-svc has told."""

    def decide(known: Integration | None, _reads: Reads) -> Decision[Integration, StatusChanged]:
        return rules.delete(known, links=links, expected=expected_version)

    yield Change(INTEGRATION, integration_id, decide, then=_new_connection)


def test(integration: Integration, checked: Checked) -> Iterator[IntegrationChange]:
    """What a person's test told; where it works again, the list is read again and polling goes on."""

    def decide(known: Integration | None, _reads: Reads) -> Decision[Integration, StatusChanged]:
        return rules.check(known or integration, checked)

    def then(state: Integration) -> Iterator[Change[Mirror, object] | Change[Watch, object]]:
        if checked.status is Status.CONNECTED and integration.status is not Status.CONNECTED:
            yield wanting(state)
            yield looking(state)

    yield Change(INTEGRATION, integration.integration_id, decide, then=then)


def noticing(integration: Integration, checked: Checked) -> IntegrationChange:
    """What a call made for another reason told."""

    def decide(known: Integration | None, _reads: Reads) -> Decision[Integration, StatusChanged]:
        return Decision(cast(Integration, None)) if known is None else rules.notice(known, checked)

    return Change(INTEGRATION, integration.integration_id, decide, once=False)


def resealing(integration: Integration, before: Sealed, after: Sealed) -> IntegrationChange:
    """Credentials that were changed meanwhile are newer than both."""

    def decide(known: Integration | None, _reads: Reads) -> Decision[Integration, StatusChanged]:
        return rules.reseal(known or integration, before, after)

    return Change(INTEGRATION, integration.integration_id, decide, once=False)


def _new_connection(integration: Integration) -> Iterator[Change[Mirror, object] | Change[Watch, object]]:
    yield wanting_for(integration)
    yield looking(integration)
