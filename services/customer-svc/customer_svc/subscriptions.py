"""What this service listens to: each topic, and who handles which message."""

from functools import partial

from customer_svc.handlers import (
    also_wrong,
    change_standing,
    complete_import,
    create_customer,
    keep_timeline,
    link_integration,
    set_payment_terms,
    take_account_change,
    update_customer,
)
from customer_svc.messages import import_refused
from shared.contracts import customers, topics
from shared.contracts.base import Message
from shared.contracts.psa import AccountChanged, ImportAnswered
from shared.engine.change import Meta, Outgoing
from shared.engine.decision import Refused
from shared.kafka.subscription import Subscription, command_rejected


def subscriptions(region: str | None) -> tuple[Subscription, ...]:
    """`region`: the country whose national telephone numbers are meant where an address tells none."""
    return (
        Subscription(
            topics.CUSTOMERS_COMMANDS,
            {
                customers.CreateCustomer: partial(create_customer.handle, region=region),
                customers.UpdateCustomer: partial(update_customer.handle, region=region),
                customers.SetPaymentTerms: set_payment_terms.handle,
                customers.LinkIntegration: link_integration.handle,
                customers.UnlinkIntegration: link_integration.handle_unlink,
                customers.DisableCustomer: change_standing.disable,
                customers.EnableCustomer: change_standing.enable,
                customers.ArchiveCustomer: change_standing.archive,
            },
            whole=partial(also_wrong.whole, region=region),
        ),
        Subscription(
            topics.PSA,
            {
                ImportAnswered: partial(complete_import.handle, region=region),
                AccountChanged: partial(take_account_change.handle, region=region),
            },
            refused=_import_or_command,
        ),
        Subscription(topics.CUSTOMERS, dict.fromkeys(keep_timeline.EVENTS, keep_timeline.handle), gives_way=True),
    )


def _import_or_command(message: Message | None, meta: Meta, refused: Refused) -> Outgoing:
    if isinstance(message, ImportAnswered):
        return import_refused(message, meta, refused)
    return command_rejected(message, meta, refused)
