"""What customer-svc listens to, and who handles which message."""

from functools import partial

from customer_svc.handlers import change_status, create_customer, update_customer
from shared.contracts import customers, topics
from shared.kafka.subscription import Subscription


def subscriptions(region: str | None) -> tuple[Subscription, ...]:
    """`region`: the country whose national phone numbers are understood where an address names none."""
    return (
        Subscription(
            topics.CUSTOMERS_COMMANDS,
            {
                customers.CreateCustomer: partial(create_customer.handle, region=region),
                customers.UpdateCustomer: partial(update_customer.handle, region=region),
                customers.SetPaymentTerms: update_customer.set_payment_terms,
                customers.DisableCustomer: change_status.disable,
                customers.EnableCustomer: change_status.enable,
                customers.ArchiveCustomer: change_status.archive,
            },
        ),
    )
