"""An integration's webhook gets a secret, stops, and is heard of again."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import cast

from psa_sync_svc.aggregates import INTEGRATION
from psa_sync_svc.domain import webhook as rules
from psa_sync_svc.domain.integration import Integration, Sealed, StatusChanged
from shared.engine.change import Change, Reads
from shared.engine.decision import Decision

IntegrationChange = Change[Integration, StatusChanged]


def giving_secret(integration_id: str, secret: Sealed, *, at: str) -> Iterator[IntegrationChange]:
    def decide(known: Integration | None, _reads: Reads) -> Decision[Integration, StatusChanged]:
        return rules.give_secret(known, secret, at=at)

    yield Change(INTEGRATION, integration_id, decide)


def stopping(integration_id: str, *, at: str) -> IntegrationChange:
    return _of_known(integration_id, partial(rules.stop, at=at))


def hearing(integration_id: str) -> IntegrationChange:
    return _of_known(integration_id, rules.hear)


def resealing_secret(integration_id: str, before: Sealed, after: Sealed) -> IntegrationChange:
    return _of_known(integration_id, partial(rules.reseal_secret, before=before, after=after))


def _of_known(
    integration_id: str, rule: Callable[[Integration], Decision[Integration, StatusChanged]]
) -> IntegrationChange:
    def decide(known: Integration | None, _reads: Reads) -> Decision[Integration, StatusChanged]:
        return Decision(cast(Integration, None)) if known is None else rule(known)

    return Change(INTEGRATION, integration_id, decide, once=False)
