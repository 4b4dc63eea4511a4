"""The PSAs by name, and which credentials each of them wants."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

from shared.engine.decision import Problem


class Provider(StrEnum):
    AUTOTASK = "autotask"
    CONNECTWISE = "connectwise"
    HALOPSA = "halopsa"


BUILT: Final = frozenset({Provider.AUTOTASK})
"""Those that can be called; the others are named so that an integration of theirs is refused with the reason."""

CREDENTIALS: Final[Mapping[Provider, tuple[str, ...]]] = {
    Provider.AUTOTASK: ("username", "secret", "integration_code"),
    Provider.CONNECTWISE: ("company", "public_key", "private_key", "client_id"),
    Provider.HALOPSA: ("client_id", "client_secret", "tenant"),
}


def problems_of(provider: Provider, given: Collection[str]) -> list[Problem]:
    """What is wrong with credentials of these names."""
    wanted = CREDENTIALS[provider]
    listed = ", ".join(wanted)
    found = [
        Problem(f"/credentials/{name}", "REQUIRED", f"credentials for {provider} are {listed}")
        for name in wanted
        if name not in given
    ]
    if any(name not in wanted for name in given):  # not by name: it may be a secret in the wrong place
        found.append(Problem("/credentials", "UNKNOWN_FIELD", f"credentials for {provider} are only {listed}"))
    return found


def problems_of_provider(provider: Provider) -> list[Problem]:
    if provider in BUILT:
        return []
    built = ", ".join(sorted(BUILT))
    return [Problem("/provider", "NOT_SUPPORTED_YET", f"{provider} cannot be called yet; what can be: {built}")]
