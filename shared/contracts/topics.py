"""The topic table: from it topics are created, documented and tested."""

from dataclasses import dataclass, field
from typing import Final

from shared.contracts import answers, customers
from shared.contracts.base import Message

_DAY_MS: Final = 24 * 60 * 60 * 1000
MESSAGE_BYTES: Final = 1024 * 1024
"""The largest record that our topics take; dead-letter topics take twice that, for what the headers add."""


@dataclass(frozen=True)
class Topic:
    """One topic. `commands`: others ask here, so what cannot be read is a dead letter and a refusal is answered.

    `compacted`: the last event of each key stays for ever; it may be compacted after `days`.
    """

    name: str
    owner: str
    key: str
    messages: tuple[type[Message], ...]
    consumers: tuple[str, ...]
    commands: bool = False
    compacted: bool = False
    days: int = 30
    max_bytes: int = MESSAGE_BYTES
    partitions: int = 12
    by_type: dict[str, type[Message]] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_type", {message.ce_type(): message for message in self.messages})

    def config(self) -> dict[str, str]:
        """The topic's settings in Kafka's own words."""
        kept = str(self.days * _DAY_MS)
        policy = (
            {"cleanup.policy": "compact", "min.compaction.lag.ms": kept}
            if self.compacted
            else {"cleanup.policy": "delete", "retention.ms": kept}
        )
        return {**policy, "max.message.bytes": str(self.max_bytes)}


CUSTOMERS_COMMANDS: Final = Topic(
    "rebilling.customers.commands",
    owner="customer-svc",
    key="customer_id",
    messages=(
        customers.CreateCustomer,
        customers.UpdateCustomer,
        customers.SetPaymentTerms,
        customers.DisableCustomer,
        customers.EnableCustomer,
        customers.ArchiveCustomer,
    ),
    consumers=("customer-svc",),
    commands=True,
)
CUSTOMERS: Final = Topic(
    "rebilling.customers",
    owner="customer-svc",
    key="customer_id",
    messages=(
        customers.CustomerCreated,
        customers.CustomerUpdated,
        customers.EmailMissing,
        customers.EmailConfigured,
        customers.PaymentTermsChanged,
        customers.CustomerDisabled,
        customers.CustomerEnabled,
        customers.CustomerArchived,
    ),
    consumers=(),
    compacted=True,
)
ANSWERS: Final = Topic(
    "rebilling.answers",
    owner="every service",
    key="the message's id",
    messages=(answers.CommandRejected,),
    consumers=(),
)


def dead_letters(topic: Topic, service: str) -> Topic:
    """Where `service` puts what it cannot take from `topic`, byte for byte."""
    return Topic(
        f"{topic.name}.{service}.dlq",
        owner=service,
        key="unchanged",
        messages=(),
        consumers=(),
        days=90,
        max_bytes=2 * MESSAGE_BYTES,
        partitions=1,
    )


PUBLISHED: Final = (CUSTOMERS_COMMANDS, CUSTOMERS, ANSWERS)
TOPICS: Final = (
    *PUBLISHED,
    *(dead_letters(topic, service) for topic in PUBLISHED for service in topic.consumers),
)
