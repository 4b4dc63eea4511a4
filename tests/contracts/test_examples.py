"""Golden examples: what a producer and a consumer both test against."""

import json

import pytest
from jsonschema import Draft202012Validator

from shared.contracts.asyncapi import EXAMPLES, example
from shared.contracts.base import Command, Event, Message
from shared.contracts.compatibility import published_messages
from shared.contracts.schemas import read_schema, said_schema

MESSAGES = published_messages()
each = pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES.keys())


def test_every_message_of_the_topic_table_has_an_example_and_every_example_a_message() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.json")} == set(MESSAGES)


@each
def test_an_example_is_read_and_said_again_as_it_was(message: type[Message]) -> None:
    data = example(message)

    assert json.loads(message.model_validate_json(json.dumps(data)).model_dump_json()) == data


@each
def test_an_example_agrees_with_the_published_schema(message: type[Message]) -> None:
    schemas = [read_schema(message), *([said_schema(message)] if issubclass(message, Event) else [])]

    for schema in schemas:
        Draft202012Validator.check_schema(schema)
        Draft202012Validator(schema).validate(example(message))


@each
def test_a_reader_ignores_what_it_does_not_know(message: type[Message]) -> None:
    known = message.model_validate(example(message))

    assert message.model_validate({**example(message), "added_later": {"a": 1}}) == known


@each
def test_a_message_names_its_tenant(message: type[Message]) -> None:
    assert message.model_validate(example(message)).tenant == "harbour-it"


@each
def test_a_message_is_a_command_or_an_event_and_cannot_be_changed(message: type[Message]) -> None:
    assert issubclass(message, Command) != issubclass(message, Event)
    assert message.model_config["frozen"]
