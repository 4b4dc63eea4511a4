"""The AsyncAPI document of each service: whole, resolvable, and true of real messages."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from shared.contracts.asyncapi import document, example, main
from shared.contracts.compatibility import published_messages
from shared.contracts.topics import SERVICES, TOPICS

each = pytest.mark.parametrize("service", SERVICES)
COMPONENT = re.compile(r"[\w.\-]+")


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for inside in value.values():
            yield from references(inside)
    if isinstance(value, list):
        for inside in value:
            yield from references(inside)


def resolve(found: Any, reference: str) -> Any:
    assert reference.startswith("#/")
    for part in reference[2:].split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return found


def payload_validator(api: dict[str, Any], name: str) -> Draft202012Validator:
    registry = Registry().with_resource("urn:api", Resource.from_contents(api, default_specification=DRAFT202012))
    return Draft202012Validator({"$ref": f"urn:api#/components/schemas/{name}"}, registry=registry)


@each
def test_a_document_has_the_parts_that_the_specification_asks_for(service: str) -> None:
    api = document(service)

    assert api["asyncapi"] == "3.0.0"
    assert api["info"]["title"]
    assert api["info"]["version"]
    assert {"host", "protocol"} <= api["servers"]["kafka"].keys()
    assert all(COMPONENT.fullmatch(name) for part in api["components"].values() for name in part)
    for channel in api["channels"].values():
        assert channel["address"]
        assert channel["messages"]
    for operation in api["operations"].values():
        assert operation["action"] in {"send", "receive"}
        assert operation["messages"]


@each
def test_every_reference_leads_somewhere(service: str) -> None:
    api = document(service)

    for reference in references(api):
        assert isinstance(resolve(api, reference), dict)


@each
def test_an_operation_names_messages_of_its_own_channel(service: str) -> None:
    for operation in document(service)["operations"].values():
        channel = operation["channel"]["$ref"]
        assert all(message["$ref"].startswith(f"{channel}/messages/") for message in operation["messages"])


@each
def test_a_service_hears_and_says_what_the_table_has_for_it(service: str) -> None:
    operations = document(service)["operations"]

    assert {name for name in operations if name.startswith("receive.")} == {
        f"receive.{topic.name}" for topic in TOPICS if service in topic.consumers
    }
    assert {name for name in operations if name.startswith("send.") and not name.endswith(".dlq")} == {
        f"send.{topic.name}" for topic in TOPICS if topic.said_by(service)
    }
    assert {name for name in operations if name.endswith(".dlq")} == {
        f"send.{topic.name}.{service}.dlq" for topic in TOPICS if service in topic.consumers
    }


@each
def test_a_group_and_a_key_and_the_topic_s_configuration_are_told(service: str) -> None:
    api = document(service)

    for name, operation in api["operations"].items():
        if operation["action"] == "receive":
            assert operation["bindings"]["kafka"]["groupId"]["const"] == f"{service}.{name.removeprefix('receive.')}"
    for channel in api["channels"].values():
        kafka = channel["bindings"]["kafka"]
        assert kafka["topic"] == channel["address"]
        assert kafka["topicConfiguration"]["cleanup.policy"] in (["compact"], ["delete"])
        assert isinstance(kafka["topicConfiguration"]["max.message.bytes"], int)


@each
def test_every_message_has_its_envelope_and_the_golden_example_is_valid(service: str) -> None:
    api = document(service)
    messages = published_messages()
    told = {name: message for name, message in api["components"]["messages"].items() if name in messages}

    assert told
    for name, message in told.items():
        assert message["headers"]["properties"]["ce_type"]["const"] == messages[name].ce_type()
        Draft202012Validator.check_schema(resolve(api, message["payload"]["$ref"]))
        for given in message["examples"]:
            payload_validator(api, name).validate(given["payload"])


@each
def test_a_payload_schema_refuses_what_is_not_the_message(service: str) -> None:
    api = document(service)

    for name in api["components"]["messages"].keys() & published_messages().keys():
        assert list(payload_validator(api, name).iter_errors({}))


def test_together_the_documents_tell_every_message() -> None:
    told = {name for service in SERVICES for name in document(service)["components"]["messages"]}

    assert told == {*published_messages(), "DeadLetter"}


def test_an_address_in_a_command_and_in_an_event_are_told_apart() -> None:
    """An event says every line, a command may leave one out."""
    api = document("customer-svc")
    command, event = (published_messages()[name] for name in ("CreateCustomer.v1", "CustomerUpdated.v1"))
    short = example(command) | {"company_address": {"city": "Perth"}}
    shorter = example(event)
    shorter["customer"]["company_address"] = {"city": "Perth"}

    assert payload_validator(api, "CreateCustomer.v1").is_valid(short)
    assert not payload_validator(api, "CustomerUpdated.v1").is_valid(shorter)


@each
def test_the_command_prints_the_document(service: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([service]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(document(service)))


def test_the_command_names_the_services_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["billing-svc"]) == 2
    assert "customer-svc" in capsys.readouterr().err
    with pytest.raises(ValueError, match="billing-svc"):
        document("billing-svc")
