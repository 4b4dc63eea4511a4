"""What the compose files say, for tests that start the same containers one by one: nothing of it is said twice."""

import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

BROKERS: Final = "compose.brokers.yaml"
REPLICA_SET: Final = "compose.replica-set.yaml"
ONE: Final = ("compose.yaml",)
THREE_BROKERS: Final = (*ONE, BROKERS)

_DEPLOY: Final = Path(__file__).parents[2] / "deploy"
_SETTING: Final = re.compile(r"\$\{(?P<name>\w+)(:-(?P<default>[^}]*))?\}")


@cache
def loaded(file: str) -> Mapping[str, Any]:
    """As it stands there, its settings not filled in. Compose's own `!override` says where a list goes, not what it
    is."""
    return dict(yaml.safe_load((_DEPLOY / file).read_text().replace("!override ", "")))


def environment(service: str, files: tuple[str, ...] = ONE, **settings: str | int) -> dict[str, str]:
    """The variables of a service, a later file's before an earlier one's; `settings` count before the defaults."""
    found: dict[str, str] = {}
    for file in files:
        said = loaded(file)["services"].get(service, {})
        if "extends" in said:
            found |= environment(said["extends"]["service"], (said["extends"]["file"],), **settings)
        found |= {name: _filled(str(value), settings) for name, value in said.get("environment", {}).items()}
    return found


def image(service: str) -> str:
    """By its setting, as in the file."""
    return _filled(str(loaded("compose.yaml")["services"][service]["image"]), os.environ)


def brokers(files: tuple[str, ...]) -> list[str]:
    """The names of the services that are brokers."""
    names = (name for file in files for name in loaded(file)["services"])
    return sorted({name for name in names if "KAFKA_NODE_ID" in environment(name, files)})


def _filled(text: str, settings: Mapping[str, str | int]) -> str:
    return _SETTING.sub(lambda found: str(settings.get(found["name"]) or found["default"] or ""), text)
