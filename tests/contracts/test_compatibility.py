"""What may be changed in a published message, and what needs a new version."""

import json
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import ConfigDict, Field, create_model

from shared.contracts import compatibility
from shared.contracts.base import Command, Event, Message, Shape
from shared.contracts.compatibility import breaks, check, freeze, frozen, main, not_frozen, published_messages
from shared.contracts.shapes import DueOnReceipt, EndOfMonth, Net


class Said(Event):
    @property
    def tenant(self) -> str:
        return "p"


class Part(Shape):
    name: str
    note: str | None = None


class OpenPart(Part):
    added: int = 0


class ShutPart(Shape):
    name: str


FIELDS: dict[str, Any] = {
    "text": (str, Field(max_length=20, min_length=2)),
    "number": (int, Field(ge=0, le=9)),
    "choice": (Literal["a", "b"], ...),
    "maybe": (str | None, None),
    "part": (Part, ...),
    "parts": (tuple[Part, ...], Field(max_length=5)),
    "terms": (DueOnReceipt | Net, Field(discriminator="kind")),
    "free": (dict[str, str], ...),
}


def message(base: type[Message], without: str = "", **changes: Any) -> type[Message]:
    fields = {name: field for name, field in {**FIELDS, **changes}.items() if name != without}
    made: type[Message] = create_model("Made", __base__=base, **fields)
    return made


def broken(base: type[Message], without: str = "", **changes: Any) -> list[str]:
    return breaks(frozen(message(base)), frozen(message(base, without, **changes)))


BOTH = pytest.mark.parametrize("base", [Command, Said])
OLD_PLACES = {"text", "number", "choice", "maybe", "part", "parts", "terms", "free"}


@BOTH
def test_the_same_message_is_compatible(base: type[Message]) -> None:
    assert broken(base) == []


@BOTH
@pytest.mark.parametrize("field", sorted(OLD_PLACES))
def test_no_field_may_vanish(base: type[Message], field: str) -> None:
    assert any(f"/{field}: was removed" in why for why in broken(base, without=field))


@BOTH
def test_no_field_inside_a_part_may_vanish(base: type[Message]) -> None:
    assert any("/part/note: was removed" in why for why in broken(base, part=(ShutPart, ...)))
    assert any("/parts/*/note: was removed" in why for why in broken(base, parts=(tuple[ShutPart, ...], ...)))


@BOTH
@pytest.mark.parametrize(
    "change",
    [
        {"added": (str | None, None)},
        {"added": (Literal["x", "y"], "x")},
        {"part": (OpenPart, ...)},
        {"parts": (tuple[OpenPart, ...], Field(max_length=5))},
    ],
    ids=str,
)
def test_an_optional_field_may_be_added(base: type[Message], change: dict[str, Any]) -> None:
    assert broken(base, **change) == []


@BOTH
@pytest.mark.parametrize(
    "change",
    [
        {"added": (str, ...)},
        {"maybe": (str | None, ...)},
        {"number": (str, ...)},
        {"text": (int, ...)},
        {"maybe": (int | None, None)},
        {"part": (str, ...)},
        {"parts": (Part, ...)},
        {"free": (dict[str, int], ...)},
        {"choice": (Literal["a"], ...)},
        {"terms": (Net, ...)},
        {"terms": (DueOnReceipt | EndOfMonth, Field(discriminator="kind"))},
        {"maybe": (str, "")},
    ],
    ids=str,
)
def test_what_was_read_before_is_read_for_ever(base: type[Message], change: dict[str, Any]) -> None:
    assert any(why.startswith("read ") for why in broken(base, **change))


WIDER = pytest.mark.parametrize(
    "change",
    [
        {"choice": (Literal["a", "b", "c"], ...)},
        {"choice": (str, ...)},
        {"number": (int | None, Field(ge=0, le=9))},
        {"text": (str, Field(max_length=21, min_length=2))},
        {"text": (str, Field(max_length=20, min_length=1))},
        {"text": (str, ...)},
        {"number": (int, Field(ge=0, le=10))},
        {"number": (int, Field(ge=-1, le=9))},
        {"terms": (DueOnReceipt | Net | EndOfMonth, Field(discriminator="kind"))},
        {"parts": (tuple[Part, ...], Field(max_length=6))},
        {"free": (dict[str, str | None], ...)},
        {"free": (dict[str, Any], ...)},
    ],
    ids=str,
)


@WIDER
def test_a_command_may_take_more(change: dict[str, Any]) -> None:
    assert broken(Command, **change) == []


@WIDER
def test_an_event_may_not_say_what_was_not_said(change: dict[str, Any]) -> None:
    assert any(why.startswith("said ") for why in broken(Said, **change))


@pytest.mark.parametrize(
    "change",
    [
        {"text": (str, Field(max_length=19, min_length=2))},
        {"text": (str, Field(max_length=20, min_length=3))},
        {"text": (str, Field(max_length=20, min_length=2, pattern="^a"))},
        {"number": (int, Field(ge=1, le=9))},
        {"number": (int, Field(gt=0, le=9))},
        {"parts": (tuple[Part, ...], Field(max_length=4))},
    ],
    ids=str,
)
def test_a_command_may_not_take_less(change: dict[str, Any]) -> None:
    assert broken(Command, **change) != []


def test_a_command_that_ignored_other_fields_may_not_start_to_forbid_them() -> None:
    class Strict(Command):
        model_config = ConfigDict(extra="forbid")

    assert any("no other fields" in why for why in breaks(frozen(message(Command)), frozen(message(Strict))))


def test_words_are_no_part_of_what_is_published() -> None:
    said = message(Command, text=(str, Field(max_length=20, min_length=2, description="another word", title="T")))

    assert frozen(said) == frozen(message(Command))


def test_a_field_may_be_called_like_a_word_of_the_schema() -> None:
    assert "title" in frozen(message(Command, title=(str | None, None)))["read"]["properties"]


def test_the_messages_of_today_are_compatible_with_what_was_published() -> None:
    assert check() == [], "a breaking change is a new version beside the old one"


def test_everything_is_frozen() -> None:
    assert not_frozen() == [], "run: python -m shared.contracts.compatibility freeze"
    assert {path.stem for path in compatibility.PUBLISHED.glob("*.json")} == set(published_messages())


def test_a_published_message_may_not_leave_the_table(tmp_path: Path) -> None:
    (tmp_path / "Gone.v1.json").write_text("{}")

    assert check(tmp_path, {}) == ["Gone.v1: is no longer in the topic table"]


def test_freezing_publishes_and_never_breaks(tmp_path: Path) -> None:
    freeze(tmp_path)
    path = tmp_path / "CreateCustomer.v1.json"
    old = json.loads(path.read_text())
    assert (check(tmp_path), not_frozen(tmp_path)) == ([], [])

    del old["read"]["properties"]["cc"]
    path.write_text(json.dumps(old))
    assert (check(tmp_path), not_frozen(tmp_path)) == ([], ["CreateCustomer.v1"])

    old["read"]["properties"]["dropped"] = {"type": "string"}
    path.write_text(json.dumps(old))
    with pytest.raises(ValueError, match="dropped"):
        freeze(tmp_path)


def test_the_command_says_what_it_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    assert "compatible" in capsys.readouterr().out
    assert main(["thaw"]) == 2
