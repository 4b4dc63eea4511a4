"""Whether a real record is what the AsyncAPI document of its service says."""

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from shared.contracts.asyncapi import document


def disagreements(headers: Iterable[tuple[str, bytes]], value: bytes | None) -> list[str]:
    """Where a record that one of our services said differs from its document; empty: nowhere."""
    told = {name: text.decode() for name, text in headers}
    name = told.get("ce_type", "").removeprefix("rebilling.")
    validators = _validators(told.get("ce_source", "").removeprefix("/"))
    if name not in validators:
        return [f"{told.get('ce_type')} of {told.get('ce_source')} is in no document"]
    envelope, payload = validators[name]
    found = [*envelope.iter_errors(told), *payload.iter_errors(json.loads(value or b"null"))]
    return [f"{name} {error.json_path}: {error.message}" for error in found]


@cache
def _validators(service: str) -> dict[str, tuple[Draft202012Validator, Draft202012Validator]]:
    """Of each message that the service says: the validators of its headers and of its data."""
    api = document(service)
    registry: Registry[Any] = Registry().with_resource(
        "urn:api", Resource.from_contents(api, default_specification=DRAFT202012)
    )
    said = {
        message["$ref"].rsplit("/", 1)[-1]
        for operation in api["operations"].values()
        if operation["action"] == "send"
        for message in operation["messages"]
    }
    return {
        name: (
            Draft202012Validator(message["headers"], registry=registry),
            Draft202012Validator({"$ref": f"urn:api{message['payload']['$ref']}"}, registry=registry),
        )
        for name, message in api["components"]["messages"].items()
        if name in said and "$ref" in message["payload"]
    }
