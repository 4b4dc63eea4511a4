"""The webhook of an integration: what it is proved by, and whether the PSA says that it has stopped sending."""

from dataclasses import replace

from psa_sync_svc.domain.integration import Integration, Sealed, StatusChanged, Webhook
from shared.engine.decision import Decision, refuse


def give_secret(known: Integration | None, secret: Sealed, *, at: str) -> Decision[Integration, StatusChanged]:
    """Another one takes its place: from then on what is made with the old one is not believed."""
    if known is None or known.deleted:
        raise refuse("/integration_id", "NOT_FOUND", "there is no such integration")
    return Decision(replace(known, webhook=Webhook(secret, at)))


def stop(known: Integration, *, at: str) -> Decision[Integration, StatusChanged]:
    """The PSA says that it sends nothing any more, as after too many failures: a person has to switch it on there."""
    webhook = known.webhook
    if known.deleted or webhook is None or webhook.stopped_at is not None:
        return Decision(known)
    return Decision(replace(known, webhook=replace(webhook, stopped_at=at)))


def hear(known: Integration) -> Decision[Integration, StatusChanged]:
    """Something was sent: it works, again."""
    webhook = known.webhook
    if webhook is None or webhook.stopped_at is None:
        return Decision(known)
    return Decision(replace(known, webhook=replace(webhook, stopped_at=None)))


def reseal_secret(known: Integration, before: Sealed, after: Sealed) -> Decision[Integration, StatusChanged]:
    """The same secret under a newer key; one that was made meanwhile is newer than both."""
    webhook = known.webhook
    if webhook is None or webhook.secret != before:
        return Decision(known)
    return Decision(replace(known, webhook=replace(webhook, secret=after)))
