"""The PSAs by name, and which of them can be called."""

from enum import StrEnum
from typing import Final

from shared.engine.decision import refuse


class Provider(StrEnum):
    AUTOTASK = "autotask"
    CONNECTWISE = "connectwise"
    HALOPSA = "halopsa"


BUILT: Final = frozenset({Provider.AUTOTASK, Provider.CONNECTWISE})
"""The others are named so that an integration of theirs is refused with the reason."""


def require_built(provider: Provider) -> None:
    if provider not in BUILT:
        built = ", ".join(sorted(BUILT))
        raise refuse("/provider", "NOT_SUPPORTED_YET", f"{provider} cannot be called yet; what can be: {built}")
