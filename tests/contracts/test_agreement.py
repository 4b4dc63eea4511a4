"""The check of real records against the documents sees what it is there to see."""

import json
from typing import Any

import pytest

from shared.contracts.asyncapi import example
from shared.contracts.base import Message
from shared.contracts.topics import SERVICES, TOPICS
from tests.agreement import disagreements

SAID = [
    pytest.param(service, message, id=f"{service}-{message.__name__}")
    for topic in TOPICS
    for service in SERVICES
    for message in topic.said_by(service)
]


def headers(service: str, message: type[Message], **changes: str) -> list[tuple[str, bytes]]:
    told = {
        "ce_specversion": "1.0",
        "ce_id": "9f0c61d4-0b3e-5c1a-8d7f-2e4b6a8c0d1e",
        "ce_source": f"/{service}",
        "ce_type": message.ce_type(),
        "ce_subject": "5f1e2a34-7c0b-4d57-9a61-2b8e6f0d9c11",
        "ce_time": "2026-07-01T01:30:00Z",
        "ce_partnerid": "harbour-it",
        "ce_actor": "user:7c1d",
        "ce_correlationid": "1",
        "ce_causationid": "1",
        "content-type": "application/json",
        **changes,
    }
    return [(name, text.encode()) for name, text in told.items()]


@pytest.mark.parametrize(("service", "message"), SAID)
def test_a_record_as_we_say_it_agrees(service: str, message: type[Message]) -> None:
    assert disagreements(headers(service, message), json.dumps(example(message)).encode()) == []


@pytest.mark.parametrize(("service", "message"), SAID)
def test_a_record_without_its_data_or_envelope_does_not(service: str, message: type[Message]) -> None:
    data: dict[str, Any] = example(message)
    less = {name: value for name, value in data.items() if name != next(iter(data))}

    assert disagreements(headers(service, message), json.dumps(less).encode())
    assert disagreements(headers(service, message)[:-1], json.dumps(data).encode())
    assert disagreements(headers(service, message, ce_specversion="0.3"), json.dumps(data).encode())


def test_a_message_that_is_another_service_s_to_say_does_not() -> None:
    [created] = [message for topic in TOPICS for message in topic.messages if message.__name__ == "InvoiceCreated"]

    assert disagreements(headers("customer-svc", created), json.dumps(example(created)).encode())
