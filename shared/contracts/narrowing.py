"""Whether every value that one JSON Schema allows is allowed by another, and where not: why."""

from collections.abc import Iterator
from typing import Any, Final

Schema = dict[str, Any]

_UPPER: Final = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")
_LOWER: Final = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties")
_SAME: Final = ("pattern", "format", "uniqueItems")


class Narrowing:
    """`outer` is to allow everything that `inner` allows. Both are whole schemas, with their own `$defs`.

    Fields that `outer` does not know are no obstacle, since readers ignore them, unless it forbids them.
    """

    def __init__(self, outer: Schema, inner: Schema) -> None:
        self._outer, self._inner = outer, inner

    def reasons(self) -> list[str]:
        """Where `outer` allows less than `inner`; empty: nowhere."""
        return list(self._schemas(self._outer, self._inner, ""))

    def _schemas(self, outer: Schema, inner: Schema, at: str) -> Iterator[str]:
        wider = _alternatives(outer, self._outer)
        for one in _alternatives(inner, self._inner):
            found = [list(self._leaf(other, one, at)) for other in wider if _comparable(other, one)]
            if not found:
                yield f"{at or '/'}: {_name(one)} is not among {', '.join(map(_name, wider))}"
            elif all(found):
                yield from min(found, key=len)

    def _leaf(self, outer: Schema, inner: Schema, at: str) -> Iterator[str]:
        yield from _choices(outer, inner, at)
        yield from _limits(outer, inner, at)
        if inner.get("type") == "object":
            yield from self._objects(outer, inner, at)
        if "items" in outer:
            yield from self._schemas(outer["items"], inner.get("items", {}), f"{at}/*")

    def _objects(self, outer: Schema, inner: Schema, at: str) -> Iterator[str]:
        known, given = outer.get("properties", {}), inner.get("properties", {})
        for name in sorted(set(outer.get("required", ())) - set(inner.get("required", ()))):
            yield f"{at}/{name}: is required here and may be missing there"
        for name in sorted(known.keys() & given.keys()):
            yield from self._schemas(known[name], given[name], f"{at}/{name}")
        others = outer.get("additionalProperties", True)
        if others is False:
            yield from (f"{at}/{name}: no other fields are allowed" for name in sorted(given.keys() - known.keys()))
            if inner.get("additionalProperties", True) is not False:
                yield f"{at or '/'}: no other fields are allowed"
        elif isinstance(others, dict):
            told = inner.get("additionalProperties", True)
            if told is not False:
                yield from self._schemas(others, {} if told is True else told, f"{at}/*")


def removed(old: Schema, new: Schema) -> list[str]:
    """Fields that the old schema has and the new one has not, at any depth."""
    return sorted(f"{field}: was removed" for field in _fields(old, old) - _fields(new, new))


def _fields(schema: Schema, root: Schema, at: str = "") -> set[str]:
    found: set[str] = set()
    for one in _alternatives(schema, root):
        for name, field in one.get("properties", {}).items():
            found |= {f"{at}/{name}"} | _fields(field, root, f"{at}/{name}")
        for inside in (one.get("items"), one.get("additionalProperties")):
            if isinstance(inside, dict):
                found |= _fields(inside, root, f"{at}/*")
    return found


def _alternatives(schema: Schema, root: Schema) -> list[Schema]:
    """The schema as a list of plain ones, of which a value matches one."""
    if "$ref" in schema:
        return _alternatives(root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], root)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return [plain for one in schema[word] for plain in _alternatives(one, root)]
    if isinstance(schema.get("type"), list):
        return [{**schema, "type": one} for one in schema["type"]]
    return [schema]


def _comparable(outer: Schema, inner: Schema) -> bool:
    """Whether the two speak of values of one type, and of one kind where objects are told apart by a constant."""
    if "type" not in outer:
        return True
    if outer["type"] != inner.get("type") and (outer["type"], inner.get("type")) != ("number", "integer"):
        return False
    return all(inner_kind in (None, kind) for kind, inner_kind in _kinds(outer, inner))


def _kinds(outer: Schema, inner: Schema) -> Iterator[tuple[Any, Any]]:
    for name, field in outer.get("properties", {}).items():
        if "const" in field:
            yield field["const"], inner.get("properties", {}).get(name, {}).get("const")


def _choices(outer: Schema, inner: Schema, at: str) -> Iterator[str]:
    allowed, given = _values(outer), _values(inner)
    if allowed is None:
        return
    if given is None:
        yield f"{at or '/'}: only certain values are allowed"
    else:
        yield from (f"{at or '/'}: {value!r} is not among the values" for value in given if value not in allowed)


def _values(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    found: list[Any] | None = schema.get("enum")
    return found


def _limits(outer: Schema, inner: Schema, at: str) -> Iterator[str]:
    for word in _UPPER:
        if word in outer and (word not in inner or inner[word] > outer[word]):
            yield f"{at or '/'}: {word} is {outer[word]} here and {inner.get(word, 'without limit')} there"
    for word in _LOWER:
        if word in outer and (word not in inner or inner[word] < outer[word]):
            yield f"{at or '/'}: {word} is {outer[word]} here and {inner.get(word, 'without limit')} there"
    for word in _SAME:
        if word in outer and inner.get(word) != outer[word]:
            yield f"{at or '/'}: {word} is {outer[word]!r} here and {inner.get(word)!r} there"


def _name(schema: Schema) -> str:
    for field in schema.get("properties", {}).values():
        if "const" in field:
            return f"{schema.get('type')} {field['const']!r}"
    return str(schema.get("title") or schema.get("type") or "anything")
