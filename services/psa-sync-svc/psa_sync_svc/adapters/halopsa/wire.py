"""HaloPSA's requests: the credentials go only where a token is asked for, and tokens only where the API is."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from psa_sync_svc.adapters.halopsa.errors import PSA
from psa_sync_svc.adapters.halopsa.settings import HalopsaSettings
from psa_sync_svc.adapters.reply import Reply
from psa_sync_svc.adapters.wire import Headers, Wire, sendable
from psa_sync_svc.adapters.writing import json_of

_NAMES: Final = ("client_id", "client_secret", "tenant")
_FORM: Final = (b"Content-Type", b"application/x-www-form-urlencoded")
_JSON: Final = (b"Content-Type", b"application/json; charset=utf-8")


class HalopsaWire:
    """Raises what `Wire` raises, and `AuthFailed` where the credentials cannot be sent. The caller has checked where an
    address leads."""

    def __init__(
        self, transport: httpx.AsyncBaseTransport, credentials: Mapping[str, str], settings: HalopsaSettings
    ) -> None:
        self._wire, self._credentials, self._scope = Wire(transport, PSA, settings), credentials, settings.scope

    async def ask_for_place(self, url: str) -> Reply:
        """A GET without credentials; those that could not be sent later are refused here."""
        self._checked()
        return await self._wire.get(url)

    async def ask_for_token(self, url: str) -> Reply:
        """The credentials in a form, as every known client has them."""
        given = self._checked()
        form = {
            "grant_type": "client_credentials",
            "client_id": given["client_id"],
            "client_secret": given["client_secret"],
            "scope": self._scope,
        }
        at = str(httpx.URL(url, params={"tenant": given["tenant"]}))
        return await self._wire.post(at, headers=[_FORM], content=urlencode(form).encode())

    async def ask(self, url: str, token: str, params: Mapping[str, str]) -> Reply:
        return await self._wire.get(url, headers=_bearer(token), params=params)

    async def change(self, url: str, token: str, body: Any) -> Reply:
        """A POST, made once."""
        return await self._wire.write("POST", url, headers=[*_bearer(token), _JSON], content=json_of(body))

    async def aclose(self) -> None:
        await self._wire.aclose()

    def _checked(self) -> Mapping[str, str]:
        return {name: sendable(self._credentials, name) for name in _NAMES}


def _bearer(token: str) -> Headers:
    return [(b"Authorization", b"Bearer " + token.encode())]
