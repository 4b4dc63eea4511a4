"""Keeps what was published compatible: `python -m shared.contracts.compatibility check|freeze`.

Each published message is frozen as two schemas: what is read and what is said. A command must go on taking whatever
was taken before. An event must not say what was not said before; and since old events stay in their topic, it must
also go on being read as before. So a new field of either has a default, and nothing vanishes.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from shared.contracts.base import Event, Message
from shared.contracts.narrowing import Narrowing, removed
from shared.contracts.schemas import read_schema, said_schema
from shared.contracts.topics import TOPICS

PUBLISHED: Final = Path(__file__).with_name("published")
_WORDS_ONLY: Final = frozenset({"description", "title", "default"})

Frozen = dict[str, Any]
"""{read, said?}: the schemas of one published message, without words; `said` is there for events."""


def frozen(message: type[Message]) -> Frozen:
    """The message as it would be published now."""
    found: Frozen = {"read": _without_words(read_schema(message))}
    if issubclass(message, Event):
        found["said"] = _without_words(said_schema(message))
    return found


def breaks(old: Frozen, new: Frozen) -> list[str]:
    """Why those who rely on the old message could not live with the new one; empty: they can."""
    found = [
        f"read {why}" for why in [*removed(old["read"], new["read"]), *Narrowing(new["read"], old["read"]).reasons()]
    ]
    if "said" in old:
        said = new["said"] if "said" in new else new["read"]
        found += [f"said {why}" for why in [*removed(old["said"], said), *Narrowing(old["said"], said).reasons()]]
    return found


def published_messages() -> dict[str, type[Message]]:
    """Every message of the topic table by its published name, `CustomerCreated.v1`."""
    return {f"{m.__name__}.v{m.VERSION}": m for topic in TOPICS for m in topic.messages}


def check(folder: Path = PUBLISHED, messages: dict[str, type[Message]] | None = None) -> list[str]:
    """What broke since the last freeze, one line each."""
    now = published_messages() if messages is None else messages
    found: list[str] = []
    for path in sorted(folder.glob("*.json")):
        if path.stem not in now:
            found.append(f"{path.stem}: is no longer in the topic table")
            continue
        found += [f"{path.stem}: {why}" for why in breaks(json.loads(path.read_text()), frozen(now[path.stem]))]
    return found


def not_frozen(folder: Path = PUBLISHED) -> list[str]:
    """Messages that were added or extended since the last freeze."""
    return [name for name, text in _texts() if not (folder / f"{name}.json").exists() or _stored(folder, name) != text]


def freeze(folder: Path = PUBLISHED) -> None:
    """Publish what there is now. Refuses where that would break what was published: that needs a new version."""
    if broken := check(folder):
        raise ValueError("; ".join(broken))
    folder.mkdir(exist_ok=True)
    for name, text in _texts():
        (folder / f"{name}.json").write_text(text)


def _texts() -> Iterator[tuple[str, str]]:
    for name, message in published_messages().items():
        yield name, json.dumps(frozen(message), indent=1, sort_keys=True) + "\n"


def _stored(folder: Path, name: str) -> str:
    return (folder / f"{name}.json").read_text()


def _without_words(schema: Any, *, names: bool = False) -> Any:
    """`names`: the keys are names of fields or shapes, and not words of the schema."""
    if isinstance(schema, list):
        return [_without_words(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _without_words(value, names=not names and key in {"properties", "$defs"})
        for key, value in schema.items()
        if names or key not in _WORDS_ONLY
    }


def _say(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


def main(arguments: list[str]) -> int:
    if arguments == ["check"]:
        broken = check()
        _say(broken or [f"{len(published_messages())} messages are compatible with what was published"])
        _say(f"{name}: has additions that are not frozen yet" for name in not_frozen() if not broken)
        return 1 if broken else 0
    if arguments == ["freeze"]:
        if broken := check():
            _say([*broken, "nothing was frozen: a breaking change is a new version beside the old one"])
            return 1
        freeze()
        _say([f"froze {len(published_messages())} messages"])
        return 0
    _say(["usage: python -m shared.contracts.compatibility check|freeze"])
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
