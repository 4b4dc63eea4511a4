"""Reads the API's query language: what a filter asks for, and which mistakes are refused how."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from embedded.autotask import times
from embedded.autotask.answers import refused
from embedded.autotask.fields import Field
from embedded.autotask.store import Row

Matches = Callable[[Row], bool]
_LARGEST_PAGE: Final = 500
_MOST_OR: Final = 500
_ORDER: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
_TEXT: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "beginswith": str.startswith,
    "endswith": str.endswith,
    "contains": operator.contains,
}


@dataclass(frozen=True)
class Query:
    matches: Matches
    page_size: int
    include: frozenset[str]
    """Names of fields; none: all of them."""

    def shown(self, row: Row) -> Row:
        chosen = {name: value for name, value in row.items() if not self.include or name in self.include}
        return chosen | {"userDefinedFields": []}

    @property
    def has_id(self) -> bool:
        return not self.include or "id" in self.include


def read_query(given: Any, fields: Mapping[str, Field]) -> Query:
    """Keys and names of fields in any case. Raises `ApiRefusal`."""
    if not isinstance(given, Mapping):
        raise refused("Invalid query syntax. The query must be a JSON object.")
    body = {str(key).lower(): value for key, value in given.items()}
    terms = body.get("filter")
    if not isinstance(terms, list) or not terms:
        raise refused("Invalid query syntax. A filter is required.")
    size = body.get("maxrecords", _LARGEST_PAGE)
    if not isinstance(size, int) or not 1 <= size <= _LARGEST_PAGE:
        raise refused(f"maxCountOfRecordsToReturn must be between 1 and {_LARGEST_PAGE}")
    include = frozenset(_field(name, fields).name for name in body.get("includefields") or [])
    return Query(_all([_term(term, fields) for term in terms]), size, include)


def _term(given: Any, fields: Mapping[str, Field]) -> Matches:
    if not isinstance(given, Mapping):
        raise refused("Invalid query syntax. A filter's terms must be objects.")
    term = {str(key).lower(): value for key, value in given.items()}
    op = str(term.get("op", "")).lower()
    if op in ("and", "or"):
        return _group(op, term.get("items"), fields)
    field = _field(term.get("field"), fields)
    return _comparison(op, field, term.get("value"))


def _group(op: str, items: Any, fields: Mapping[str, Field]) -> Matches:
    if not isinstance(items, list) or not items:
        raise refused("Invalid query syntax. A group needs items.")
    if op == "or" and len(items) > _MOST_OR:
        raise refused("Invalid query syntax. Queries are limited to 500 or fewer 'OR' conditions.")
    terms = [_term(item, fields) for item in items]
    return _all(terms) if op == "and" else lambda row: any(term(row) for term in terms)


def _all(terms: list[Matches]) -> Matches:
    return lambda row: all(term(row) for term in terms)


def _comparison(op: str, field: Field, value: Any) -> Matches:
    name = field.name
    if op == "exist":
        return lambda row: row[name] is not None
    if op == "notexist":
        return lambda row: row[name] is None
    if op in ("in", "notin"):
        if not isinstance(value, list):
            raise refused(f"Invalid query syntax. {op} needs a list of values.")
        wanted = [_typed(field, one) for one in value]
        return lambda row: (_typed(field, row[name]) in wanted) is (op == "in")
    given = _typed(field, value)
    if op in ("eq", "noteq"):
        return lambda row: (_typed(field, row[name]) == given) is (op == "eq")
    if op in _ORDER and given is not None:
        compare = _ORDER[op]
        return lambda row: row[name] is not None and compare(_typed(field, row[name]), given)
    if op in _TEXT and isinstance(given, str):
        look = _TEXT[op]
        return lambda row: row[name] is not None and look(str(_typed(field, row[name])), given)
    raise refused(f"Invalid query syntax. {op or 'No operator'} is not possible for {name}.")


def _field(name: Any, fields: Mapping[str, Field]) -> Field:
    field = fields.get(str(name).lower())
    if field is None:
        raise refused(f"Unable to find {name} in the entity.")
    return field


def _typed(field: Field, value: Any) -> Any:
    """As the database compares: texts in any case, times as times, numbers also where they came as text."""
    if value is None:
        return None
    try:
        if field.kind == "integer":
            return int(value)
        if field.kind == "datetime":
            return times.read(str(value))
    except (ValueError, TypeError) as error:
        raise refused(f"Invalid query syntax. The value of {field.name} cannot be read.") from error
    return str(value).casefold() if field.kind == "string" else value
