"""What this service listens to: each topic, and who handles which message."""

from functools import partial

from psa_sync_svc.handlers import close_import, keep_link, request_import, resolve_conflict
from shared.contracts import psa, topics
from shared.contracts.answers import ImportRefused
from shared.kafka.subscription import Subscription


def subscriptions(region: str | None) -> tuple[Subscription, ...]:
    """`region`: the country whose national telephone numbers are meant where an address tells none."""
    resolve = partial(resolve_conflict.handle, region=region)
    return (
        Subscription(topics.PSA_COMMANDS, {psa.ImportCustomer: request_import.handle, psa.ResolveConflict: resolve}),
        Subscription(topics.CUSTOMERS, dict.fromkeys(keep_link.EVENTS, keep_link.handle)),
        Subscription(topics.ANSWERS, {ImportRefused: close_import.handle_refused}),
    )
