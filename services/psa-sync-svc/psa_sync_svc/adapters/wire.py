"""One request and its answer: bounded in time and size, never redirected, without cookies."""

import asyncio
from collections.abc import Mapping, Sequence
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpx

from psa_sync_svc.adapters.call_settings import CallSettings
from psa_sync_svc.adapters.reply import Reply
from psa_sync_svc.adapters.writing import unclear
from psa_sync_svc.workers.psa import AuthFailed, Away, Permanent
from psa_sync_svc.workers.time_limits import asking

Headers = Sequence[tuple[bytes, bytes]]
_CONNECT_S: Final = 5.0
_NOT_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.LocalProtocolError,
    httpx.UnsupportedProtocol,
)


class TooLarge(Permanent):
    pass


class Wire:
    """Raises `Away` where no whole answer came, and `Permanent` where the answer is too large.

    Headers are made for one request and kept nowhere, so that no other request can carry credentials by mistake.
    Environment variables are not looked at (`trust_env`): a proxy would defeat the check of addresses.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport, psa: str, settings: CallSettings) -> None:
        self._psa, self._settings = psa, settings
        self._client = httpx.AsyncClient(
            transport=transport,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(settings.attempt_limit_s, connect=_CONNECT_S),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            headers={"Accept": "application/json", "User-Agent": "rebilling"},
        )

    async def get(self, url: str, *, headers: Headers = (), params: Mapping[str, str] | None = None) -> Reply:
        """The caller has checked where `url` leads."""
        return await self._send(self._client.build_request("GET", url, headers=list(headers), params=params))

    async def post(self, url: str, *, headers: Headers, content: bytes) -> Reply:
        return await self._send(self._client.build_request("POST", url, headers=list(headers), content=content))

    async def write(self, method: str, url: str, *, headers: Headers, content: bytes) -> Reply:
        """A request that changes something, made once. Raises `Away` where it never left, and `Unanswered` where it
        did and no whole answer came."""
        request = self._client.build_request(method, url, headers=list(headers), content=content)
        try:
            return await self._exchange(request)
        except _NOT_SENT as error:
            raise self._unreached(error) from error
        except (TimeoutError, httpx.HTTPError, TooLarge) as error:
            raise unclear(self._psa, type(error).__name__) from error

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _send(self, request: httpx.Request) -> Reply:
        try:
            return await self._exchange(request)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise Away(f"{self._psa} did not answer in time") from error
        except httpx.HTTPError as error:
            raise self._unreached(error) from error

    def _unreached(self, error: httpx.HTTPError) -> Away:
        return Away(f"{self._psa} could not be reached ({type(error).__name__})")

    async def _exchange(self, request: httpx.Request) -> Reply:
        with asking():
            async with asyncio.timeout(self._settings.attempt_limit_s):
                return await self._answer(request)

    async def _answer(self, request: httpx.Request) -> Reply:
        response = await self._client.send(request, stream=True)
        try:
            content = bytearray()
            async for part in response.aiter_bytes():
                content += part
                if len(content) > self._settings.largest_answer:
                    raise TooLarge(f"the answer is larger than any of {self._psa}'s: check base_url")
        finally:
            await response.aclose()
        told = response.headers
        kind, link = told.get("content-type", ""), told.get("link", "")
        return Reply(response.status_code, kind, told.get("retry-after"), bytes(content), link)


def sendable(credentials: Mapping[str, str], name: str) -> str:
    """The credential of that name. Raises `AuthFailed` for what no header can carry."""
    value = credentials.get(name, "")
    if not value or value != value.strip() or any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
        raise AuthFailed(f"the credential {name} is missing, or holds characters that cannot be sent")
    return value
