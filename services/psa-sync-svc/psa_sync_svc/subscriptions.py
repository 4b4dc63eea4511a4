"""What this service listens to: each topic, and who handles which message."""

from typing import Final

from psa_sync_svc.handlers import close_import, keep_link, request_import, resolve_conflict
from shared.contracts import psa, topics
from shared.contracts.answers import ImportRefused
from shared.kafka.subscription import Subscription

SUBSCRIPTIONS: Final = (
    Subscription(
        topics.PSA_COMMANDS,
        {psa.ImportCustomer: request_import.handle, psa.ResolveConflict: resolve_conflict.handle},
    ),
    Subscription(topics.CUSTOMERS, dict.fromkeys(keep_link.EVENTS, keep_link.handle)),
    Subscription(topics.ANSWERS, {ImportRefused: close_import.handle_refused}),
)
