"""What a filter means, as the real store takes it: for the store in memory."""

import re
from collections.abc import Callable, Mapping, Sequence
from operator import ge, gt, le, lt
from typing import Any, Final

from shared.engine.ports import Doc

NUMBER: Final = (int, float)


def at(value: Any, path: Sequence[str]) -> list[Any]:
    """What stands at a path, several where it leads through a list; nothing where it leads nowhere."""
    if not path:
        return [value]
    if isinstance(value, list):
        return [found for each in value for found in at(each, path)]
    if isinstance(value, Mapping) and path[0] in value:
        return at(value[path[0]], path[1:])
    return []


def value_at(doc: Mapping[str, Any], path: str) -> Any:
    return next(iter(at(doc, path.split("."))), None)


def _same(have: Any, want: Any) -> bool:
    return isinstance(have, bool) == isinstance(want, bool) and bool(have == want)


def _ordered(have: Any, want: Any, compare: Callable[[Any, Any], bool]) -> bool:
    """Values of different kinds have no order in a filter."""
    alike = (isinstance(have, NUMBER) and isinstance(want, NUMBER)) or type(have) is type(want)
    return alike and have is not None and compare(have, want)


_OPERATORS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "$eq": _same,
    "$in": lambda have, want: any(_same(have, each) for each in want),
    "$lt": lambda have, want: _ordered(have, want, lt),
    "$lte": lambda have, want: _ordered(have, want, le),
    "$gt": lambda have, want: _ordered(have, want, gt),
    "$gte": lambda have, want: _ordered(have, want, ge),
    "$regex": lambda have, want: isinstance(have, str) and re.search(want, have) is not None,
}
_OPPOSITES: Final = {"$ne": "$eq", "$nin": "$in"}


def _holds(operator: str, found: list[Any], want: Any) -> bool:
    """A list answers for itself and for each of its values; what is not there is like null."""
    if operator == "$exists":
        return bool(found) is bool(want)
    if operator in _OPPOSITES:
        return not _holds(_OPPOSITES[operator], found, want)
    parts = [each for value in found if isinstance(value, list) for each in value]
    return any(_OPERATORS[operator](have, want) for have in (found + parts or [None]))


def _one(found: list[Any], condition: Any) -> bool:
    if isinstance(condition, Mapping) and condition and all(key.startswith("$") for key in condition):
        return all(_holds(operator, found, want) for operator, want in condition.items())
    return _holds("$eq", found, condition)


def matches(doc: Doc, filter: Mapping[str, Any]) -> bool:
    """Whether a document answers a filter of the operators that this project uses."""
    for field, condition in filter.items():
        if field == "$or":
            if not any(matches(doc, branch) for branch in condition):
                return False
        elif field == "$and":
            if not all(matches(doc, branch) for branch in condition):
                return False
        elif not _one(at(doc, field.split(".")), condition):
            return False
    return True
