"""Autotask's requests, with the credentials only where asked for."""

from collections.abc import Mapping
from typing import Any, Final

import httpx

from psa_sync_svc.adapters.autotask.errors import PSA
from psa_sync_svc.adapters.autotask.settings import AutotaskSettings
from psa_sync_svc.adapters.reply import Reply
from psa_sync_svc.adapters.wire import Wire, sendable
from psa_sync_svc.adapters.writing import json_of

_CREDENTIALS: Final = {"username": b"UserName", "secret": b"Secret", "integration_code": b"ApiIntegrationCode"}
_JSON: Final = (b"Content-Type", b"application/json")


class AutotaskWire:
    """Raises what `Wire` raises, and `AuthFailed` where the credentials cannot be sent."""

    def __init__(
        self, transport: httpx.AsyncBaseTransport, credentials: Mapping[str, str], settings: AutotaskSettings
    ) -> None:
        self._wire, self._credentials = Wire(transport, PSA, settings), credentials

    async def ask_for_zone(self, url: str) -> Reply:
        """A GET that names the user and carries no credentials; those that could not be sent later are refused here."""
        _headers(self._credentials)
        return await self._wire.get(url, params={"user": self._credentials["username"]})

    async def ask(self, url: str, body: Any = None) -> Reply:
        """With the credentials: a GET, or with a body a POST. The caller has checked where `url` leads."""
        headers = _headers(self._credentials)
        if body is None:
            return await self._wire.get(url, headers=headers)
        return await self._wire.post(url, headers=[*headers, _JSON], content=json_of(body))

    async def change(self, url: str, body: Any) -> Reply:
        """A PATCH with the credentials, made once."""
        headers = [*_headers(self._credentials), _JSON]
        return await self._wire.write("PATCH", url, headers=headers, content=json_of(body))

    async def aclose(self) -> None:
        await self._wire.aclose()


def _headers(credentials: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """In UTF-8, as nothing is told of other letters."""
    return [(header, sendable(credentials, name).encode()) for name, header in _CREDENTIALS.items()]
