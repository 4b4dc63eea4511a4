"""What is wrong with a record that is to be written, each mistake by the path of its value."""

from collections.abc import Iterator, Mapping
from typing import Any

from embedded.halopsa.fields import ADDRESS, Field
from embedded.simulated.texts import length_of


def mistakes_of(at: str, entry: Any, fields: Mapping[str, Field]) -> Iterator[tuple[str, str]]:
    """Of one record, which is new where it has no `id`."""
    if not isinstance(entry, Mapping):
        yield at, "The JSON value could not be converted to an object."
        return
    if "id" in entry and not _is_of(int, entry["id"]):
        yield f"{at}.id", "The JSON value could not be converted to int."
    for name, value in entry.items():
        if name in fields:
            yield from _of_value(f"{at}.{name}", value, fields[name])
    for field in fields.values():
        if field.required and field.name not in entry and "id" not in entry:
            yield f"{at}.{field.name}", f"The {field.name} field is required."


def _of_value(at: str, value: Any, field: Field) -> Iterator[tuple[str, str]]:
    """Null stands for no text, and for no address that is to be written."""
    if value is None and field.kind in (str, dict) and not field.required:
        return
    if field.required and value in (None, ""):
        yield at, f"The {field.name} field is required."
    elif not _is_of(field.kind, value):
        yield at, f"The JSON value could not be converted to {field.kind.__name__}."
    elif field.kind is str and length_of(value) > field.length:
        yield at, f"The field {field.name} must be a string with a maximum length of {field.length}."
    elif field.kind is dict:
        yield from mistakes_of(at, {"id": 0, **value}, ADDRESS)


def _is_of(kind: type, value: Any) -> bool:
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))
