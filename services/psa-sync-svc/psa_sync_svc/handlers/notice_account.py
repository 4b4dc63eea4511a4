"""What a poll, a reconciliation or a look saw of a linked account, and the hint that one should look."""

from functools import partial

from psa_sync_svc.domain.account import PsaAccount
from psa_sync_svc.domain.integration import Integration
from psa_sync_svc.domain.link import Link
from psa_sync_svc.domain.link_facts import LinkFact
from psa_sync_svc.domain.noticing import Seen, hint, notice
from psa_sync_svc.domain.policy import Policies
from psa_sync_svc.handlers.change_link import LinkChange, changing
from shared.engine.decision import Decision


def noticing_account(
    integration: Integration,
    customer_id: str,
    account_id: str,
    account: PsaAccount | None,
    seen_at: str,
    *,
    region: str | None,
    under_lease: bool = False,
) -> LinkChange:
    """The only way in for what the PSA shows. `account` None: it is gone there. `seen_at`: when it was asked for.

    A customer that is linked with another account by now is left alone. `region`: the deployment's, for national
    telephone numbers. `under_lease`: by the worker that has this link alone.
    """
    seen = Seen(integration.integration_id, account_id, account, seen_at, under_lease)

    def rule(link: Link, policies: Policies) -> Decision[Link, LinkFact]:
        return notice(link, seen, policies, region)

    return changing(customer_id, integration.integration_id, rule, partner_id=integration.partner_id)


def hinting(integration: Integration, customer_id: str, account_id: str) -> LinkChange:
    """Something said "look": the account is read as soon as there is room."""
    rule = partial(hint, integration_id=integration.integration_id, account_id=account_id)
    return changing(
        customer_id, integration.integration_id, lambda link, _policies: rule(link), partner_id=integration.partner_id
    )
