"""What may be written to a company, and the words in which the rest is refused: HTTP 500 with all the mistakes."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from embedded.autotask import times
from embedded.autotask.answers import refused
from embedded.autotask.countries import COUNTRIES
from embedded.autotask.fields import COMPANY, Field, by_name
from embedded.autotask.samples import OWNERS, empty_row
from embedded.autotask.store import Companies, Row
from embedded.simulated.texts import length_of

_FIELDS: Final = by_name(COMPANY)


def created(given: Mapping[str, Any], companies: Companies) -> Row:
    now = times.now()
    row = empty_row() | {"isActive": True, "isTaxExempt": False} | _writable(given)
    _check(row, companies)
    stamps = dict.fromkeys(("createDate", "lastActivityDate", "lastTrackedModifiedDateTime"), now)
    return row | stamps | {"id": companies.next_id()}


def patched(old: Row, given: Mapping[str, Any], companies: Companies) -> Row:
    """What is not given stays; a null that is given is written."""
    return _changed(old, old | _writable(given), companies)


def replaced(old: Row, given: Mapping[str, Any], companies: Companies) -> Row:
    """PUT: whatever can be written and is not given becomes null (a boolean: false)."""
    kept = {field.name: old[field.name] for field in COMPANY if field.read_only}
    lost = {field.name: False for field in COMPANY if field.kind == "boolean"}
    return _changed(old, empty_row() | kept | lost | _writable(given), companies)


def _changed(old: Row, row: Row, companies: Companies) -> Row:
    _check(row, companies)
    return old if row == old else row | {"lastTrackedModifiedDateTime": times.now()}


def _writable(given: Mapping[str, Any]) -> dict[str, Any]:
    """Unknown and read-only names are passed over, as the API's own binding does."""
    found = ((_FIELDS.get(str(name).lower()), value) for name, value in given.items())
    return {field.name: value for field, value in found if field is not None and not field.read_only}


def _check(row: Row, companies: Companies) -> None:
    mistakes = [
        text for field in COMPANY if not field.read_only for text in _mistakes(field, row[field.name], companies)
    ]
    if mistakes:
        raise refused(*mistakes)


def _mistakes(field: Field, value: Any, companies: Companies) -> Iterator[str]:
    if field.kind == "boolean":
        if not isinstance(value, bool):
            yield f"{field.name} must be true or false."
    elif value is None or value == "":
        if field.required:
            yield f"Missing Required Field: {field.name}"
    elif field.kind == "string":
        if not isinstance(value, str):
            yield f"The value of {field.name} must be text."
        elif length_of(value) > field.length:
            yield f"The length of {field.name} exceeds its maximum of {field.length}."
    elif not isinstance(value, int) or isinstance(value, bool):
        yield f"The value of {field.name} must be a number."
    elif field.picklist is not None and value not in field.picklist:
        yield f"The picklist value does not exist for {field.name} . "
    elif field.refers_to and not _exists(field.refers_to, value, companies):
        yield f"Value does not reference an existing entity for {field.name} . "


def _exists(entity: str, number: int, companies: Companies) -> bool:
    if entity == "Country":
        return number in COUNTRIES
    return number in OWNERS if entity == "Resource" else companies.get(number) is not None
