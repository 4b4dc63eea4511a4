"""A person says which side of a conflict is right, or what else is; the link decides whether it still can be said."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from psa_sync_svc.aggregates import CONFLICT
from psa_sync_svc.domain.conflict import Conflict, decidable
from psa_sync_svc.domain.fields import FieldValue
from psa_sync_svc.domain.link import Link
from psa_sync_svc.domain.link_facts import LinkFact
from psa_sync_svc.domain.policy import Policies
from psa_sync_svc.domain.resolving import Choice, Choose, over, resolve
from psa_sync_svc.handlers.change_link import LinkChange, deciding
from psa_sync_svc.handlers.contract_fields import address
from shared.contracts.psa import ResolveConflict
from shared.contracts.shapes import PsaAddress
from shared.engine.change import Change, Meta
from shared.engine.decision import Decision


def handle(command: ResolveConflict, meta: Meta, *, region: str | None) -> Iterator[Change[Any, Any]]:
    """`region`: the deployment's, for a national telephone number as value."""
    choice = Choice(Choose(command.choose), _value(command), meta.actor, meta.stamp)

    def then(conflict: Conflict) -> Iterator[LinkChange]:
        yield _deciding(conflict, choice, region)

    yield Change(CONFLICT, command.conflict_id, lambda known, _reads: decidable(known), then=then)


def _value(command: ResolveConflict) -> FieldValue:
    given = command.value
    return address(given) if isinstance(given, PsaAddress) else given


def _deciding(conflict: Conflict, choice: Choice, region: str | None) -> LinkChange:
    review = conflict.review

    def rule(known: Link | None, policies: Policies) -> Decision[Link, LinkFact]:
        if known is None:
            raise over()
        return resolve(known, review.number, choice, policies, region)

    change = deciding(conflict.customer_id, review.account.integration_id, rule, partner_id=conflict.partner_id)
    return replace(change, once=True)
