"""What may be written to a company. A change is checked against the whole record, also what was not touched."""

from collections.abc import Iterator, Mapping
from typing import Any

from embedded.connectwise import times
from embedded.connectwise.answers import Mistake, invalid, refused
from embedded.connectwise.countries import COUNTRIES
from embedded.connectwise.fields import BY_NAME, COMPANY, STATUSES, Field
from embedded.connectwise.store import Companies, Row
from embedded.simulated.texts import length_of

_TABLES: Mapping[str, Mapping[int, Any]] = {"statuses": STATUSES, "countries": COUNTRIES}
_ADDRESS = ("addressLine1", "addressLine2", "city", "state", "zip", "country")


def created(given: Mapping[str, Any], companies: Companies) -> Row:
    row = {"deletedFlag": False} | {name: value for name, value in given.items() if name in BY_NAME}
    if not any(row.get(name) for name in _ADDRESS):
        raise invalid(Mistake("MissingRequired", "At least one address field is required.", "addressLine1"))
    return _checked(row | {"id": companies.next_id(), "lastUpdated": times.now()}, companies)


def patched(old: Row, operations: Any, companies: Companies) -> Row:
    """A JSON Patch whose paths need no slash in front."""
    if not isinstance(operations, list):
        raise refused("InvalidPatch", "The patch must be a list of operations.")
    row = dict(old)
    for each in operations:
        _apply(row, each)
    return _checked(row | {"lastUpdated": times.now()}, companies)


def edited(old: Row, given: Mapping[str, Any], companies: Companies) -> Row:
    """As a person in the PSA does it, by field."""
    known = {name: value for name, value in given.items() if name in BY_NAME}
    return _checked(old | known | {"lastUpdated": times.now()}, companies)


def _apply(row: Row, operation: Any) -> None:
    if not isinstance(operation, Mapping) or operation.get("op") not in ("add", "replace", "remove"):
        raise refused("InvalidPatch", "An operation must be add, replace or remove.")
    name, _, inner = str(operation.get("path", "")).removeprefix("/").partition("/")
    field = BY_NAME.get(name)
    if field is None or (inner and (field.kind, inner) != ("reference", "id")):
        raise refused("InvalidPatch", f"{operation.get('path')} is no path of a company.")
    value = None if operation["op"] == "remove" else operation.get("value")
    if inner:
        value = {"id": value}
    if value is not None and not _is_of(field, value):
        raise refused("InvalidPatch", f"Could not cast or convert the value of {name} to {field.kind}.")
    row[name] = value


def _is_of(field: Field, value: Any) -> bool:
    if field.kind == "reference":
        return isinstance(value, Mapping) and _is_number(value.get("id"))
    if field.kind == "integer":
        return _is_number(value)
    return isinstance(value, bool if field.kind == "boolean" else str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _checked(row: Row, companies: Companies) -> Row:
    mistakes = [mistake for field in COMPANY for mistake in _mistakes(field, row.get(field.name))]
    if any(
        other["id"] != row["id"] and other["identifier"] == row.get("identifier") and not other["deletedFlag"]
        for other in companies.after(-1)
    ):
        mistakes.append(Mistake("ObjectExists", "A company with that identifier exists already.", "identifier"))
    if mistakes:
        raise invalid(*mistakes)
    references = {field.name for field in COMPANY if field.kind == "reference"}
    return {name: {"id": value["id"]} if name in references and value else value for name, value in row.items()}


def _mistakes(field: Field, value: Any) -> Iterator[Mistake]:
    name = field.name
    if value is None or value == "":
        if field.required:
            yield Mistake("MissingRequired", f"The field {name} is required.", name)
    elif not _is_of(field, value):
        yield Mistake("InvalidValue", f"The field {name} must be a {field.kind}.", name)
    elif field.length and length_of(value) > field.length:
        yield Mistake("MaxLength", f"The field {name} must be a string with a maximum length of {field.length}.", name)
    elif field.least is not None and not field.least <= value <= (field.most or value):
        text = f"The field {name} must be between {field.least} and {field.most}."
        yield Mistake("OutOfRange", text, name)
    elif field.among and value["id"] not in _TABLES[field.among]:
        yield Mistake("InvalidReference", f"{name} {value['id']} does not exist.", name)
