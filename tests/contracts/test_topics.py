"""The topic table."""

from collections import Counter

import pytest

from shared.contracts import topics
from shared.contracts.answers import CommandRejected, ImportRefused
from shared.contracts.base import Command, Event
from shared.contracts.customers import CreateCustomer
from shared.contracts.topics import SERVICES, TOPICS, Topic, all_topics, consumer_group, dead_letters

each = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
DAY = 24 * 60 * 60 * 1000


def test_the_names_are_those_of_the_contract() -> None:
    assert [topic.name for topic in TOPICS] == [
        "rebilling.customers.commands",
        "rebilling.customers",
        "rebilling.psa.commands",
        "rebilling.psa",
        "rebilling.invoices.commands",
        "rebilling.invoices",
        "rebilling.answers",
    ]


@each
def test_a_topic_carries_either_commands_or_events(topic: Topic) -> None:
    wanted = Command if topic.commands else Event

    assert all(issubclass(message, wanted) for message in topic.messages)
    assert set(topic.owners) <= set(SERVICES)
    assert set(topic.consumers) <= set(SERVICES)


def test_no_message_is_on_two_topics() -> None:
    found = Counter(message.ce_type() for topic in TOPICS for message in topic.messages)

    assert set(found.values()) == {1}


@each
def test_a_type_is_found_by_its_name_and_version(topic: Topic) -> None:
    for message in topic.messages:
        assert topic.message_class(message.ce_type()) is message
        assert topic.message_class(message.ce_type().replace(".v1", ".v2")) is None


def test_the_type_of_another_topic_is_unknown() -> None:
    assert topics.CUSTOMERS_COMMANDS.message_class("rebilling.CreateCustomer.v1") is CreateCustomer
    assert topics.CUSTOMERS.message_class("rebilling.CreateCustomer.v1") is None


def test_customers_are_compacted_after_thirty_days_and_never_deleted() -> None:
    config = topics.CUSTOMERS.config()

    assert config["cleanup.policy"] == "compact"
    assert int(config["min.compaction.lag.ms"]) == 30 * DAY
    assert int(config["max.compaction.lag.ms"]) > int(config["min.compaction.lag.ms"])
    assert "retention.ms" not in config


@pytest.mark.parametrize("topic", [t for t in TOPICS if t is not topics.CUSTOMERS], ids=lambda topic: topic.name)
def test_the_others_keep_thirty_days(topic: Topic) -> None:
    assert topic.config()["cleanup.policy"] == "delete"
    assert int(topic.config()["retention.ms"]) == 30 * DAY


@each
def test_dead_letters_keep_ninety_days_and_take_twice_the_size(topic: Topic) -> None:
    aside = dead_letters(topic, "invoice-svc")

    assert aside.name == f"{topic.name}.invoice-svc.dlq"
    assert int(aside.config()["retention.ms"]) == 90 * DAY
    assert int(aside.config()["max.message.bytes"]) == 2 * int(topic.config()["max.message.bytes"])


def test_every_consumer_has_its_dead_letters() -> None:
    names = [topic.name for topic in all_topics()]

    assert len(names) == len(set(names))
    for topic in TOPICS:
        assert {f"{topic.name}.{service}.dlq" for service in topic.consumers} <= set(names)


def test_a_group_is_named_by_service_and_topic() -> None:
    assert consumer_group(topics.PSA, "customer-svc") == "customer-svc.rebilling.psa"


def test_every_service_refuses_commands_and_two_refuse_imports() -> None:
    said = {service: set(topics.ANSWERS.said_by(service)) for service in SERVICES}

    assert said["invoice-svc"] == {CommandRejected}
    assert said["customer-svc"] == said["psa-sync-svc"] == {CommandRejected, ImportRefused}
    assert topics.CUSTOMERS_COMMANDS.said_by("customer-svc") == ()
