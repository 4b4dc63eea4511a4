"""Tokens for the application's credentials. They live in memory: a restarted simulator takes none of the old ones."""

import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from pydantic import BaseModel, ConfigDict, Field

from embedded.halopsa.answers import Answer, oauth, unauthorized
from embedded.halopsa.credentials import CLIENT_ID, CLIENT_SECRET, SCOPES, TENANT


class TokenSettings(BaseModel):
    """For tokens that are given from now on. `told_s`: what they are said to live, where that is not the truth."""

    model_config = ConfigDict(extra="forbid")

    lives_s: float = Field(default=3600.0, ge=0)
    told_s: float | None = Field(default=None, ge=0)


class Tokens:
    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.settings = TokenSettings()
        self._now = now
        self._given: dict[str, tuple[float, frozenset[str]]] = {}

    def give(self, body: bytes, tenant: str) -> Answer:
        """Raises `ApiRefusal` with a word of OAuth's. Which one a wrong tenant gets is not known for sure."""
        form = {name: values[-1] for name, values in parse_qs(body.decode(errors="replace")).items()}
        if form.get("grant_type") != "client_credentials":
            raise oauth("unsupported_grant_type")
        if not _right(form, tenant):
            raise oauth("invalid_client")
        scopes = frozenset(form.get("scope", "all").split())
        if not scopes <= SCOPES:
            raise oauth("invalid_scope")
        text, settings = secrets.token_urlsafe(32), self.settings
        self._given[text] = (self._now() + settings.lives_s, scopes)
        told_s = settings.lives_s if settings.told_s is None else settings.told_s
        told: dict[str, Any] = {"access_token": text, "token_type": "Bearer", "expires_in": int(told_s)}
        return Answer(told | {"scope": " ".join(sorted(scopes))})

    def scopes_of(self, authorization: str) -> frozenset[str]:
        """Raises `ApiRefusal` for none, an unknown one, and one that has ended."""
        kind, _, text = authorization.partition(" ")
        until, scopes = self._given.get(text, (0.0, frozenset()))
        if kind.lower() != "bearer" or not scopes or self._now() >= until:
            raise unauthorized()
        return scopes

    def revoke(self) -> None:
        self._given.clear()


def _right(form: Mapping[str, str], tenant: str) -> bool:
    wanted = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    right = [hmac.compare_digest(form.get(name, "").encode(), value.encode()) for name, value in wanted.items()]
    return all(right) and tenant == TENANT
