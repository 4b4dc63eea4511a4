"""The table of topics, one row each, from which they are created, documented and tested."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Final

from shared.contracts import answers, customers, invoices, psa
from shared.contracts.base import Message

CUSTOMER_SVC: Final = "customer-svc"
PSA_SYNC_SVC: Final = "psa-sync-svc"
INVOICE_SVC: Final = "invoice-svc"
SERVICES: Final = (CUSTOMER_SVC, PSA_SYNC_SVC, INVOICE_SVC)

PARTITIONS: Final = 6
MESSAGE_BYTES: Final = 1_048_588
"""The largest record batch that the broker takes by default; dead letters take twice as much."""

_KEPT: Final = timedelta(days=30)
_DEAD_LETTERS_KEPT: Final = timedelta(days=90)
_COMPACTED_AT_THE_LATEST: Final = timedelta(days=37)


def _ms(span: timedelta) -> str:
    return str(span // timedelta(milliseconds=1))


@dataclass(frozen=True)
class Topic:
    """One topic. `owners` say (or for commands: are asked), `consumers` listen, `key` is the rule in words.

    `said_only_by` names the messages that not every owner says.
    `commands`: unknown types and versions are dead-lettered and structured mode is taken; elsewhere both are ignored.
    """

    name: str
    owners: tuple[str, ...]
    carries: str
    key: str
    messages: tuple[type[Message], ...] = ()
    consumers: tuple[str, ...] = ()
    said_only_by: tuple[tuple[type[Message], tuple[str, ...]], ...] = ()
    commands: bool = False
    compacted: bool = False
    retention: timedelta = _KEPT
    message_bytes: int = MESSAGE_BYTES
    partitions: int = PARTITIONS

    @cached_property
    def _by_type(self) -> dict[str, type[Message]]:
        return {message.ce_type(): message for message in self.messages}

    def message_class(self, ce_type: str) -> type[Message] | None:
        """The class of a `ce_type` that this topic carries; None for an unknown name or major version."""
        return self._by_type.get(ce_type)

    def said_by(self, service: str) -> tuple[type[Message], ...]:
        """What the service says here; nothing on a topic of commands, which others fill."""
        if self.commands or service not in self.owners:
            return ()
        limited = dict(self.said_only_by)
        return tuple(message for message in self.messages if service in limited.get(message, self.owners))

    def config(self) -> dict[str, str]:
        """Kafka's topic configuration; replicas and `min.insync.replicas` are the deployment's.

        The broker's clock dates the records: a producer with a wrong clock must not shorten what is kept.
        A compacted topic is never `delete`d too, since each key's last event stays for ever. `min.compaction.lag.ms`
        keeps every event for 30 days; without `max.compaction.lag.ms` a quiet topic's open segment would never be
        compacted, and what an erased customer said would stay.
        """
        found = {"max.message.bytes": str(self.message_bytes), "message.timestamp.type": "LogAppendTime"}
        if not self.compacted:
            return found | {"cleanup.policy": "delete", "retention.ms": _ms(self.retention)}
        return found | {
            "cleanup.policy": "compact",
            "min.compaction.lag.ms": _ms(self.retention),
            "max.compaction.lag.ms": _ms(_COMPACTED_AT_THE_LATEST),
            "delete.retention.ms": _ms(self.retention),
        }


CUSTOMERS_COMMANDS: Final = Topic(
    name="rebilling.customers.commands",
    owners=(CUSTOMER_SVC,),
    carries="what others ask of customers",
    key="customer_id",
    messages=(
        customers.CreateCustomer,
        customers.UpdateCustomer,
        customers.SetPaymentTerms,
        customers.LinkIntegration,
        customers.UnlinkIntegration,
        customers.DisableCustomer,
        customers.EnableCustomer,
        customers.ArchiveCustomer,
    ),
    consumers=(CUSTOMER_SVC,),
    commands=True,
)
CUSTOMERS: Final = Topic(
    name="rebilling.customers",
    owners=(CUSTOMER_SVC,),
    carries="what happened to customers",
    key="customer_id",
    messages=(
        customers.CustomerCreated,
        customers.CustomerUpdated,
        customers.EmailMissing,
        customers.EmailConfigured,
        customers.PaymentTermsChanged,
        customers.CustomerImported,
        customers.CustomerLinked,
        customers.CustomerUnlinked,
        customers.CustomerDisabled,
        customers.CustomerEnabled,
        customers.CustomerArchived,
    ),
    consumers=(CUSTOMER_SVC, PSA_SYNC_SVC, INVOICE_SVC),
    compacted=True,
)
PSA_COMMANDS: Final = Topic(
    name="rebilling.psa.commands",
    owners=(PSA_SYNC_SVC,),
    carries="import requests and the like",
    key="{integration_id}/{account_id}",
    messages=(psa.ImportCustomer, psa.ResolveConflict),
    consumers=(PSA_SYNC_SVC,),
    commands=True,
)
PSA: Final = Topic(
    name="rebilling.psa",
    owners=(PSA_SYNC_SVC,),
    carries="answers to imports, changes seen and pushed, how integrations and bulk imports are",
    key="customer_id, or before there is one {integration_id}/{account_id}; integration_id of what has no account",
    messages=(
        psa.ImportAnswered,
        psa.AccountChanged,
        psa.AccountStandingChanged,
        psa.FieldsPushed,
        psa.PushFailed,
        psa.ConflictFound,
        psa.ConflictResolved,
        psa.IntegrationStatusChanged,
        psa.BulkImportProgressed,
    ),
    consumers=(CUSTOMER_SVC,),
)
INVOICES_COMMANDS: Final = Topic(
    name="rebilling.invoices.commands",
    owners=(INVOICE_SVC,),
    carries="what others ask of invoices",
    key="customer_id",
    messages=(
        invoices.CreateInvoice,
        invoices.FinalizeInvoice,
        invoices.DiscardInvoice,
        invoices.VoidInvoice,
        invoices.CancelDelivery,
        invoices.HoldInvoice,
        invoices.ReleaseInvoice,
        invoices.SendInvoice,
        invoices.RecordPayment,
    ),
    consumers=(INVOICE_SVC,),
    commands=True,
)
INVOICES: Final = Topic(
    name="rebilling.invoices",
    owners=(INVOICE_SVC,),
    carries="what happened to invoices",
    key="customer_id",
    messages=(
        invoices.InvoiceCreated,
        invoices.InvoiceTermsFixed,
        invoices.InvoiceFinalized,
        invoices.InvoiceQueued,
        invoices.InvoiceDeliveryCancelled,
        invoices.InvoiceDiscarded,
        invoices.InvoiceVoided,
        invoices.InvoicePaymentRecorded,
        invoices.InvoicePaid,
        invoices.InvoiceOverdue,
        invoices.InvoiceSendBlocked,
        invoices.InvoiceReleased,
        invoices.InvoiceSent,
        invoices.InvoiceDeliveryFailed,
        invoices.InvoiceBounced,
        invoices.InvoiceDeliveryUncertain,
    ),
)
ANSWERS: Final = Topic(
    name="rebilling.answers",
    owners=SERVICES,
    carries="answers to one message that are not state",
    key="the message's id",
    messages=(answers.CommandRejected, answers.ImportRefused),
    consumers=(PSA_SYNC_SVC,),
    said_only_by=((answers.ImportRefused, (PSA_SYNC_SVC, CUSTOMER_SVC)),),
)

TOPICS: Final = (CUSTOMERS_COMMANDS, CUSTOMERS, PSA_COMMANDS, PSA, INVOICES_COMMANDS, INVOICES, ANSWERS)


def dead_letters(topic: Topic, service: str) -> Topic:
    """Where `service` puts the records of `topic` that it could not take, byte for byte."""
    return Topic(
        name=f"{topic.name}.{service}.dlq",
        owners=(service,),
        carries=f"records of {topic.name} that {service} could not take, byte for byte",
        key="unchanged",
        retention=_DEAD_LETTERS_KEPT,
        message_bytes=2 * topic.message_bytes,
        partitions=1,
    )


def all_topics() -> Iterable[Topic]:
    """Every topic that has to exist: the table, and the dead letters of each consumer."""
    for topic in TOPICS:
        yield topic
        yield from (dead_letters(topic, service) for service in topic.consumers)


def consumer_group(topic: Topic, service: str) -> str:
    return f"{service}.{topic.name}"
