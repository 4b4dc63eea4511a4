"""ConnectWise's requests, with the credentials only where asked for."""

import base64
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import httpx

from psa_sync_svc.adapters.connectwise.errors import PSA
from psa_sync_svc.adapters.connectwise.settings import ConnectwiseSettings
from psa_sync_svc.adapters.reply import Reply
from psa_sync_svc.adapters.wire import Headers, Wire, sendable
from psa_sync_svc.adapters.writing import json_of
from psa_sync_svc.workers.psa import AuthFailed

_JSON: Final = (b"Content-Type", b"application/json")
_FORWARD: Final = (b"pagination-type", b"forward-only")
"""Pages that go on from an id, so that none is missed or doubled where records come and go meanwhile."""


class ConnectwiseWire:
    """Raises what `Wire` raises, and `AuthFailed` where the credentials cannot be sent."""

    def __init__(
        self, transport: httpx.AsyncBaseTransport, credentials: Mapping[str, str], settings: ConnectwiseSettings
    ) -> None:
        self._wire, self._credentials = Wire(transport, PSA, settings), credentials
        self._accept = f"application/vnd.connectwise.com+json; version={settings.version}".encode()

    async def ask_for_company(self, server: str) -> Reply:
        """A GET that names the company and carries no credentials; those that could not be sent later are refused
        here."""
        self._headers()
        return await self._wire.get(f"{server}/login/companyinfo/{quote(self._credentials['company'], safe='')}")

    async def ask(self, url: str, params: Mapping[str, str] | None = None) -> Reply:
        """A GET with the credentials. The caller has checked where `url` leads."""
        return await self._wire.get(url, headers=[*self._headers(), _FORWARD], params=params)

    async def look(self, url: str, params: Mapping[str, str], body: Any) -> Reply:
        """A POST with the credentials that changes nothing."""
        at = str(httpx.URL(url, params=dict(params)))
        return await self._wire.post(at, headers=[*self._headers(), _JSON], content=json_of(body))

    async def change(self, url: str, body: Any) -> Reply:
        """A PATCH with the credentials, made once."""
        headers = [*self._headers(), _JSON]
        return await self._wire.write("PATCH", url, headers=headers, content=json_of(body))

    async def aclose(self) -> None:
        await self._wire.aclose()

    def _headers(self) -> Headers:
        company, public, private, client = (
            sendable(self._credentials, name) for name in ("company", "public_key", "private_key", "client_id")
        )
        if ":" in company + public or company in (".", ".."):
            raise AuthFailed("the credential company or public_key holds characters that cannot be sent")
        basic = base64.b64encode(f"{company}+{public}:{private}".encode())
        client_id = (b"clientId", client.encode())
        return [(b"Authorization", b"Basic " + basic), client_id, (b"Accept", self._accept)]
