"""One request and its answer: bounded in time and size, never redirected, with the credentials only where asked for."""

import asyncio
import json
from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final

import httpx

from psa_sync_svc.adapters.autotask.errors import Hiccup, Reply
from psa_sync_svc.adapters.autotask.settings import AutotaskSettings
from psa_sync_svc.workers.psa import AuthFailed, Permanent

_CREDENTIALS: Final = {"username": b"UserName", "secret": b"Secret", "integration_code": b"ApiIntegrationCode"}
_CONNECT_S: Final = 5.0


class Wire:
    """Raises `Hiccup` where no whole answer came, `Permanent` where the answer is too large, and `AuthFailed` where the
    credentials cannot be sent.

    Headers are made for one request and kept nowhere, so that no other request can carry them by mistake. Environment
    variables are not looked at (`trust_env`): a proxy would defeat the check of addresses.
    """

    def __init__(
        self, transport: httpx.AsyncBaseTransport, credentials: Mapping[str, str], settings: AutotaskSettings
    ) -> None:
        self._settings = settings
        self._credentials = credentials
        self._client = httpx.AsyncClient(
            transport=transport,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(settings.attempt_limit_s, connect=_CONNECT_S),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            headers={"Accept": "application/json", "User-Agent": "rebilling"},
        )

    async def ask_for_zone(self, url: str) -> Reply:
        """A GET that names the user and carries no credentials; those that could not be sent later are refused here."""
        _headers(self._credentials)
        return await self._send(self._client.build_request("GET", url, params={"user": self._credentials["username"]}))

    async def ask(self, url: str, body: Any = None) -> Reply:
        """With the credentials: a GET, or with a body a POST. The caller has checked where `url` leads."""
        headers = _headers(self._credentials)
        if body is None:
            return await self._send(self._client.build_request("GET", url, headers=headers))
        headers.append((b"Content-Type", b"application/json"))
        content = json.dumps(body, ensure_ascii=False).encode()
        return await self._send(self._client.build_request("POST", url, headers=headers, content=content))

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _send(self, request: httpx.Request) -> Reply:
        try:
            async with asyncio.timeout(self._settings.attempt_limit_s):
                return await self._exchange(request)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise Hiccup("Autotask did not answer in time") from error
        except httpx.HTTPError as error:
            raise Hiccup(f"Autotask could not be reached ({type(error).__name__})") from error

    async def _exchange(self, request: httpx.Request) -> Reply:
        response = await self._client.send(request, stream=True)
        try:
            content = bytearray()
            async for part in response.aiter_bytes():
                content += part
                if len(content) > self._settings.largest_answer:
                    raise Permanent("the answer is larger than any of Autotask's: check base_url")
        finally:
            await response.aclose()
        headers = response.headers
        return Reply(response.status_code, headers.get("content-type", ""), headers.get("retry-after"), bytes(content))


def _headers(credentials: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """In UTF-8, as nothing is told of other letters. Raises `AuthFailed` for what no header can carry."""
    for name in _CREDENTIALS:
        value = credentials.get(name, "")
        if not value or value != value.strip() or any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
            raise AuthFailed(f"the credential {name} is missing, or holds characters that cannot be sent")
    return [(header, credentials[name].encode()) for name, header in _CREDENTIALS.items()]
