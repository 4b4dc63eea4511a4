"""The JSON Schema of each message: of what is read, and of what is said."""

from collections.abc import Iterable
from typing import Any, Final, Literal

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from shared.contracts.base import Event, Message

Schema = dict[str, Any]
Mode = Literal["validation", "serialization"]
_COMPONENTS: Final = "#/components/schemas/{model}"


class _Plain(GenerateJsonSchema):
    """Without titles made of field names, and without OpenAPI's `discriminator`, which JSON Schema does not know."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        del schema
        return False

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        found = super().tagged_union_schema(schema)
        found.pop("discriminator", None)
        return found


def mode_of(message: type[Message]) -> Mode:
    """The schema that others go by: of an event what we say, of a command what we take."""
    return "serialization" if issubclass(message, Event) else "validation"


def read_schema(message: type[Message]) -> Schema:
    """What a reader takes: a field with a default may be missing."""
    return message.model_json_schema(schema_generator=_Plain, mode="validation")


def said_schema(message: type[Message]) -> Schema:
    """What is said: every field is there, null where there is nothing."""
    return message.model_json_schema(schema_generator=_Plain, mode="serialization")


def component_schemas(messages: Iterable[type[Message]]) -> tuple[dict[str, Schema], dict[str, Schema]]:
    """The payload of each message by its class name, and the shapes that they refer to as `components/schemas`."""
    wanted: list[tuple[type[BaseModel], Mode]] = [(message, mode_of(message)) for message in messages]
    payloads, shapes = models_json_schema(wanted, ref_template=_COMPONENTS, schema_generator=_Plain)
    return {model.__name__: payload for (model, _), payload in payloads.items()}, shapes.get("$defs", {})
