"""Whatever is sent, a message is read or its problems are named; nothing else happens."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.contracts.asyncapi import example
from shared.contracts.base import Command, Message
from shared.contracts.compatibility import published_messages
from shared.contracts.reading import problems_of

COMMANDS = [message for message in published_messages().values() if issubclass(message, Command)]

signs = st.characters(codec=None, exclude_categories=())
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(signs, max_size=8)
leaves |= st.sampled_from(["net", "10.00", "x" * 1001, 10**40, -1, "2026-07-01", "\ud800", "\x00"])
values = st.recursive(
    leaves, lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(signs, max_size=5), v, max_size=3), max_leaves=6
)


def places(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield at
    if isinstance(value, dict):
        for name, inside in value.items():
            yield from places(inside, (*at, name))
    if isinstance(value, list):
        for number, inside in enumerate(value):
            yield from places(inside, (*at, number))


def replaced(value: Any, at: tuple[str | int, ...], new: Any) -> Any:
    if not at:
        return new
    copy = value.copy()
    copy[at[0]] = replaced(value[at[0]], at[1:], new)
    return copy


def leads_somewhere(pointer: str, data: Any) -> bool:
    """Whether the pointer's place is in the data, or only its last part is missing there."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    for number, part in enumerate(parts):
        if isinstance(data, list) and part.isdigit() and int(part) < len(data):
            data = data[int(part)]
        elif isinstance(data, dict) and part in data:
            data = data[part]
        else:
            return number == len(parts) - 1
    return True


@st.composite
def mutants(draw: st.DrawFn) -> tuple[type[Message], Any]:
    message = draw(st.sampled_from(COMMANDS))
    data = example(message)
    return message, replaced(data, draw(st.sampled_from(list(places(data)))), draw(values))


@given(mutants())
def test_a_changed_command_is_taken_or_refused_at_a_place_that_it_has(mutant: tuple[type[Message], Any]) -> None:
    message, data = mutant
    try:
        read = message.model_validate(data)
    except ValidationError as error:
        found = problems_of(error)
        assert found
        assert all(leads_somewhere(problem.pointer, data) for problem in found if "?" not in problem.pointer)
        assert all(len(problem.detail) < 300 and problem.model_dump_json() for problem in found)
    else:
        assert message.model_validate_json(read.model_dump_json()) == read


@given(mutants())
def test_a_command_is_read_alike_from_text_and_from_values(mutant: tuple[type[Message], Any]) -> None:
    """Binary mode reads the text, structured mode and HTTP the values."""
    message, data = mutant
    try:
        text = json.dumps(data, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:  # no JSON at all
        return
    outcomes: list[object] = []
    for from_text in (False, True):
        try:
            outcomes.append(
                message.model_validate_json(text) if from_text else message.model_validate(json.loads(text))
            )
        except ValidationError as error:
            outcomes.append(problems_of(error))

    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("message", COMMANDS, ids=lambda message: message.__name__)
@pytest.mark.parametrize("text", ["", "null", "[]", "7", '"x"', "{", '{"a": 1,}', "\ufeff{}", "[" * 10_000])
def test_what_is_no_object_is_refused(message: type[Message], text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        message.model_validate_json(text)

    assert problems_of(caught.value)[0].code in {"INVALID", "REQUIRED"}
