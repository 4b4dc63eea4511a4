"""A link is decided about under its integration's policies; a conflict that it finds gets a document of its own."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, cast

from psa_sync_svc.aggregates import CONFLICT, INTEGRATION, LINK
from psa_sync_svc.domain.conflict import Conflict, keep
from psa_sync_svc.domain.integration import living
from psa_sync_svc.domain.link import Link, Review
from psa_sync_svc.domain.link_facts import LinkFact
from psa_sync_svc.domain.policy import Policies
from psa_sync_svc.domain.reviewing import shown
from psa_sync_svc.messages import conflict_id
from shared.engine.change import Change, Reads, Ref
from shared.engine.decision import Decision

LinkChange = Change[Link, LinkFact]
RuleOfKnown = Callable[[Link, Policies], Decision[Link, LinkFact]]
Rule = Callable[[Link | None, Policies], Decision[Link, LinkFact]]


def deciding(customer_id: str, integration_id: str | None, rule: Rule, *, partner_id: str) -> LinkChange:
    """`rule` recognises repeats by itself. Without an integration there is nothing that a policy would be asked for."""
    integration = Ref(INTEGRATION, integration_id) if integration_id is not None else None

    def decide(known: Link | None, reads: Reads) -> Decision[Link, LinkFact]:
        found = living(reads[integration], partner_id) if integration is not None else None
        return rule(known, found.policies if found is not None else {})

    reads = (integration,) if integration is not None else ()
    return Change(LINK, customer_id, decide, reads=reads, once=False, then=showing)


def changing(customer_id: str, integration_id: str, rule: RuleOfKnown, *, partner_id: str) -> LinkChange:
    """The same for a link that is there; of none nothing is made."""

    def of_known(known: Link | None, policies: Policies) -> Decision[Link, LinkFact]:
        return Decision(cast(Link, None)) if known is None else rule(known, policies)

    return deciding(customer_id, integration_id, of_known, partner_id=partner_id)


def showing(link: Link) -> Iterator[Change[Any, Any]]:
    """What the conflicts' own documents do not have yet."""
    for review in link.reviews:
        if not review.shown:
            yield _showing(link, review)


def _showing(link: Link, review: Review) -> Change[Conflict, object]:
    id = conflict_id(link.customer_id, review.number)
    told = Conflict(id, link.partner_id, link.customer_id, review.content)

    def then(_kept: Conflict) -> Iterator[LinkChange]:
        yield Change(LINK, link.customer_id, partial(_shown, review), once=False)

    return Change(CONFLICT, id, lambda known, _reads: keep(known, told), once=False, then=then)


def _shown(review: Review, known: Link | None, _reads: Reads) -> Decision[Link, LinkFact]:
    return Decision(cast(Link, None)) if known is None else Decision(shown(known, review))
