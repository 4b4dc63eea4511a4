"""The AsyncAPI 3 document of a service, made from the topic table: `python -m shared.contracts.asyncapi <service>`."""

import json
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from shared.contracts.base import Command, Message
from shared.contracts.schemas import Schema, component_schemas
from shared.contracts.topics import SERVICES, TOPICS, Topic, consumer_group, dead_letters

EXAMPLES: Final = Path(__file__).with_name("examples")
_BINDING: Final = "0.5.0"
_DEAD_LETTER: Final = "DeadLetter"
_MADE_OF_LISTS: Final = frozenset({"cleanup.policy"})
_TEXT: Final = {"type": "string"}


def document(service: str) -> dict[str, Any]:
    """Everything that the service hears and says on Kafka. Raises `ValueError` for a service that there is not."""
    if service not in SERVICES:
        raise ValueError(f"there is no service {service!r}: {', '.join(SERVICES)}")
    heard = [topic for topic in TOPICS if service in topic.consumers]
    said = [topic for topic in TOPICS if topic.said_by(service)]
    topics = [topic for topic in TOPICS if topic in heard or topic in said]
    messages = {message for topic in heard for message in topic.messages}
    messages |= {message for topic in said for message in topic.said_by(service)}
    aside = [dead_letters(topic, service) for topic in heard]
    payloads, shapes = component_schemas(sorted(messages, key=lambda message: message.__name__))
    return {
        "asyncapi": "3.0.0",
        "id": f"urn:rebilling:{service}",
        "info": _info(service),
        "defaultContentType": "application/json",
        "servers": {"kafka": _server()},
        "channels": {
            topic.name: _channel(topic, [m for m in topic.messages if m in messages]) for topic in [*topics, *aside]
        },
        "operations": _operations(service, heard, said, aside),
        "components": {
            "schemas": {**shapes, **{_name(message): payloads[message.__name__] for message in messages}},
            "messages": _messages(topics, messages),
        },
    }


def example(message: type[Message]) -> Any:
    """The golden example's data."""
    return json.loads((EXAMPLES / f"{_name(message)}.json").read_text())


def _name(message: type[Message]) -> str:
    return f"{message.__name__}.v{message.VERSION}"


def _ref(*path: str) -> dict[str, str]:
    return {"$ref": "#/" + "/".join(part.replace("~", "~0").replace("/", "~1") for part in path)}


def _info(service: str) -> dict[str, Any]:
    try:
        now = version("rebilling")
    except PackageNotFoundError:
        now = "0"
    told = "CloudEvents 1.0 in binary mode: the value is the JSON data, the headers carry the envelope."
    return {"title": f"rebilling {service}", "version": now, "description": f"{told} Readers ignore unknown fields."}


def _server() -> dict[str, Any]:
    return {
        "host": "{bootstrap}",
        "protocol": "kafka",
        "variables": {"bootstrap": {"default": "127.0.0.1:9092", "description": "the brokers' addresses"}},
    }


def _channel(topic: Topic, messages: Iterable[type[Message]]) -> dict[str, Any]:
    names = [_name(message) for message in messages] or [_DEAD_LETTER]
    return {
        "address": topic.name,
        "description": topic.carries,
        "messages": {name: _ref("components", "messages", name) for name in names},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": _configuration(topic),
                "bindingVersion": _BINDING,
            }
        },
    }


def _configuration(topic: Topic) -> dict[str, Any]:
    return {
        name: [value] if name in _MADE_OF_LISTS else int(value) if value.isdigit() else value
        for name, value in topic.config().items()
    }


def _operations(
    service: str, heard: Iterable[Topic], said: Iterable[Topic], aside: Iterable[Topic]
) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for topic in heard:
        group = {"type": "string", "const": consumer_group(topic, service)}
        found[f"receive.{topic.name}"] = {
            **_operation("receive", topic, [_name(message) for message in topic.messages]),
            "bindings": {"kafka": {"groupId": group, "bindingVersion": _BINDING}},
        }
    for topic in said:
        names = [_name(message) for message in topic.said_by(service)]
        found[f"send.{topic.name}"] = _operation("send", topic, names)
    for topic in aside:
        found[f"send.{topic.name}"] = _operation("send", topic, [_DEAD_LETTER])
    return found


def _operation(action: str, topic: Topic, names: Iterable[str]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": _ref("channels", topic.name),
        "messages": [_ref("channels", topic.name, "messages", name) for name in names],
    }


def _messages(topics: Iterable[Topic], messages: set[type[Message]]) -> dict[str, Any]:
    found = {_name(m): _message(m, topic) for topic in topics for m in topic.messages if m in messages}
    return {**found, _DEAD_LETTER: _dead_letter()}


def _message(message: type[Message], topic: Topic) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": message.ce_type(),
        "title": message.__name__,
        "contentType": "application/json",
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "headers": envelope(message),
        "payload": _ref("components", "schemas", _name(message)),
        "bindings": {"kafka": {"key": {**_TEXT, "description": topic.key}, "bindingVersion": _BINDING}},
        "examples": [{"name": "golden", "payload": example(message)}],
    }
    if issubclass(message, Command):
        found["description"] = "Also taken in structured mode, content-type application/cloudevents+json."
    return found


def envelope(message: type[Message]) -> Schema:
    """The schema of a message's headers. A command's sender may leave out what it does not know."""
    headers: dict[str, Schema] = {
        "ce_specversion": {**_TEXT, "const": "1.0"},
        "ce_id": {**_TEXT, "minLength": 1, "description": "unique per partner and source, stable over re-sends"},
        "ce_source": {**_TEXT, "minLength": 1},
        "ce_type": {**_TEXT, "const": message.ce_type()},
        "ce_subject": {**_TEXT, "description": "the id of what the message is about"},
        "ce_time": {**_TEXT, "format": "date-time"},
        "ce_partnerid": {**_TEXT, "description": "the tenant; equal to partner_id in the data"},
        "ce_actor": {**_TEXT, "description": "who caused it: user:…, psa:…, service:…"},
        "ce_correlationid": {**_TEXT, "description": "the first message or request of this chain"},
        "ce_causationid": {**_TEXT, "description": "the message or request that caused this one"},
        "traceparent": {**_TEXT, "description": "W3C trace context"},
        "content-type": {**_TEXT, "const": "application/json"},
    }
    needed = ["ce_specversion", "ce_id", "ce_source", "ce_type"]
    if not issubclass(message, Command):
        needed = [name for name in headers if name != "traceparent"]
    return {"type": "object", "properties": headers, "required": needed}


def _dead_letter() -> dict[str, Any]:
    added = {f"rebilling_dlq_{name}": _TEXT for name in ("reason", "detail", "topic", "partition", "offset", "time")}
    value = {
        **_TEXT,
        "enum": ["gzip", "left out"],
        "description": "only where the record is too large to be kept as it is",
    }
    return {
        "name": _DEAD_LETTER,
        "title": "A record that could not be taken",
        "description": "Key, value and headers as they came, byte for byte, and these headers beside them.",
        "contentType": "application/octet-stream",
        "headers": {"type": "object", "properties": {**added, "rebilling_dlq_value": value}, "required": sorted(added)},
        "payload": {"description": "whatever came"},
    }


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in SERVICES:
        sys.stderr.write(f"usage: python -m shared.contracts.asyncapi {{{'|'.join(SERVICES)}}}\n")
        return 2
    sys.stdout.write(json.dumps(document(arguments[0]), indent=2, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
