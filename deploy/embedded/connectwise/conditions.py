"""Reads the API's conditions: comparisons of fields with `"text"`, numbers, `[times]`, true, false and null, joined by
and, or, not and parentheses."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from embedded.connectwise import times
from embedded.connectwise.answers import ApiRefusal, refused
from embedded.connectwise.fields import COMPANY
from embedded.connectwise.store import Row

Matches = Callable[[Row], bool]
_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<text>"[^"]*"|'[^']*')|(?P<time>\[[^\]]*\])|(?P<number>-?\d+(?:\.\d+)?)(?![\w/])"""
    r"""|(?P<sign><=|>=|!=|=|<|>|\(|\)|,)|(?P<word>[A-Za-z_][\w/]*))"""
)
_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_KNOWN: Final = {field.name for field in COMPANY if field.kind != "reference"} | {
    "id",
    "lastUpdated",
    "status/id",
    "country/id",
}
_QUOTES: Final = "String values should be enclosed with double or single quotes"
_EXPECTED: Final = f"{_QUOTES}; DateTime values should be enclosed in square brackets"
Token = tuple[str, str]


def read_conditions(given: str) -> Matches:
    """Raises `ApiRefusal`. Nothing given: everything matches."""
    if not given.strip():
        return lambda _: True
    reader = _Reader(_tokens(given))
    found = reader.either()
    if not reader.ended:
        raise _wrong("The conditions go on after their end.")
    return found


def _tokens(given: str) -> Sequence[Token]:
    found, place = [], 0
    while given[place:].strip():
        token = _TOKEN.match(given, place)
        if token is None or token.lastgroup is None:
            raise _wrong(f"Unexpected characters at {place}.")
        found.append((token.lastgroup, token[token.lastgroup]))
        place = token.end()
    return found


class _Reader:
    """One token after the other, each rule of the grammar a method."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens, self._at = tokens, 0

    @property
    def ended(self) -> bool:
        return self._at >= len(self._tokens)

    def either(self) -> Matches:
        terms = [self._both()]
        while self._takes("or"):
            terms.append(self._both())
        return lambda row: any(term(row) for term in terms)

    def _both(self) -> Matches:
        terms = [self._term()]
        while self._takes("and"):
            terms.append(self._term())
        return lambda row: all(term(row) for term in terms)

    def _term(self) -> Matches:
        if self._takes("not"):
            term = self._term()
            return lambda row: not term(row)
        if self._takes("("):
            inner = self.either()
            self._needs(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Matches:
        kind, name = self._next()
        if kind != "word" or name not in _KNOWN:
            raise _wrong(f"{name} is no field that conditions can name.")
        turned = self._takes("not")
        sign = self._next()[1].lower()
        if sign == "in":
            matches = _is_in(name, self._list())
        elif sign in ("like", "contains"):
            matches = _is_like(name, self._value(), whole=sign == "like")
        elif sign in _COMPARE:
            matches = _compared(name, sign, self._value())
        else:
            raise _wrong(f"{sign} is no operator.")
        return (lambda row: not matches(row)) if turned else matches

    def _list(self) -> list[Any]:
        self._needs("(")
        values = [self._value()]
        while self._takes(","):
            values.append(self._value())
        self._needs(")")
        return values

    def _value(self) -> Any:
        kind, text = self._next()
        if kind == "text":
            return text[1:-1].casefold()
        if kind == "number":
            return float(text)
        if kind == "time":
            try:
                return times.read(text[1:-1])
            except ValueError as error:
                raise _wrong("The time cannot be read.") from error
        if kind == "word" and text.lower() in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[text.lower()]
        raise _wrong("Expected a value.")

    def _takes(self, wanted: str) -> bool:
        if self.ended or self._tokens[self._at][1].lower() != wanted:
            return False
        self._at += 1
        return True

    def _needs(self, wanted: str) -> None:
        if not self._takes(wanted):
            raise _wrong(f"Expected {wanted}")

    def _next(self) -> Token:
        if self.ended:
            raise _wrong("The conditions end too soon.")
        self._at += 1
        return self._tokens[self._at - 1]


def _compared(name: str, sign: str, wanted: Any) -> Matches:
    compare = _COMPARE[sign]
    if wanted is None:
        return lambda row: compare(_field(row, name) is None, True)

    def matches(row: Row) -> bool:
        value = _field(row, name)
        if value is None:
            return sign == "!="
        if type(value) is not type(wanted):
            raise _wrong(f"Expected a {_kind(value)} value, not a {_kind(wanted)}. {_EXPECTED}")
        return compare(value, wanted)

    return matches


def _is_in(name: str, wanted: list[Any]) -> Matches:
    return lambda row: _field(row, name) in wanted


def _is_like(name: str, wanted: Any, *, whole: bool) -> Matches:
    if not isinstance(wanted, str):
        raise _wrong(f"Expected a string value. {_EXPECTED}")
    pattern = re.escape(wanted).replace(r"\*", ".*").replace("%", ".*")
    look = re.compile(pattern if whole else f".*{pattern}.*", re.DOTALL)
    return lambda row: look.fullmatch(str(_field(row, name) or "")) is not None


def _field(row: Row, name: str) -> Any:
    """As the database compares: texts in any case, numbers as numbers, times as times."""
    value: Any = row
    for step in name.split("/"):
        value = value.get(step) if isinstance(value, Mapping) else None
    if name == "lastUpdated":
        return times.read(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value.casefold() if isinstance(value, str) else value


def _kind(value: Any) -> str:
    kinds = {bool: "boolean", float: "numeric", str: "string", datetime: "datetime"}
    return kinds[type(value)]


def _wrong(text: str) -> ApiRefusal:
    return refused("InvalidQuery", text)
