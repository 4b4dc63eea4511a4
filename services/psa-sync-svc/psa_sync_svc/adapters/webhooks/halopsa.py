"""Halo signs nothing: it sends the secret itself, in a header. What it says is not documented, so all is a hint."""

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any, Final

from psa_sync_svc.adapters.webhooks.proof import id_of, key_of, same
from psa_sync_svc.adapters.webhooks.settings import WebhookSettings
from psa_sync_svc.workers.webhooks import Doubt, Hook, NotBelieved, Received, Told

_MOST: Final = 100
"""Events of one batch that are looked at by themselves."""


class HalopsaWebhooks:
    """A repeat cannot be told from a second change that looks the same, so every one counts."""

    proof_header: str | None = "Authorization"

    def __init__(self, settings: WebhookSettings) -> None:
        self._settings = settings

    async def read(self, hook: Hook, received: Received) -> Told:
        """As Basic (whatever the user) or Bearer, or in the header that was set."""
        right = key_of(hook.secret).decode()
        given = list(_secrets(received.headers, self._settings.halo_header.lower()))
        if not any([same(right, each) for each in given]) or hook.secret is None:  # noqa: C419 - each of them is compared
            raise NotBelieved(_doubt(hook, given))
        ids = tuple(dict.fromkeys(_clients(received.body, self._settings.halo_account)))
        return Told(ids, something=not ids)


def _doubt(hook: Hook, given: list[str]) -> Doubt:
    if hook.secret is None:
        return Doubt.NO_SECRET
    return Doubt.WRONG_SIGNATURE if given else Doubt.NO_SIGNATURE


def _secrets(headers: Mapping[str, str], own: str) -> Iterator[str]:
    if own in headers:
        yield headers[own]
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        yield value.strip()
    elif scheme.lower() == "basic":
        yield _password(value.strip())


def _password(value: str) -> str:
    try:
        return b64decode(value, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def _clients(body: bytes, places: tuple[str, ...]) -> Iterator[str]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return
    for event in found[:_MOST] if isinstance(found, list) else [found]:
        ids = (id_of(_at(event, place.split("."))) for place in places)
        if (id := next((each for each in ids if each is not None), None)) is not None:
            yield id


def _at(value: Any, path: list[str]) -> Any:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value
