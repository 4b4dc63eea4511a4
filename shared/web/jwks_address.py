"""The issuer's public keys from an address: kept, and asked for again when a token names a key that is not known."""

import asyncio
from time import monotonic
from typing import Final

import httpx
import structlog
from joserfc.jwk import Key

from shared.engine.errors import Unavailable
from shared.web.jwks import KeySet

TIME_LIMIT_S: Final = 5.0
ASK_AGAIN_S: Final = 60.0
"""At most one question in this time, however many unknown keys are named: strangers choose those."""
OLD_S: Final = 3600.0
"""Keys this old are asked for again, so that one that was withdrawn is forgotten."""
_LARGEST: Final = 1024 * 1024
_log = structlog.get_logger(__name__)


class AddressKeys:
    """A JWKS address. While it does not answer, the keys of before stay."""

    def __init__(self, url: str, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url, self._transport = url, transport
        self._keys: KeySet | None = None
        self._asked = -ASK_AGAIN_S
        self._read = -OLD_S
        self._lock = asyncio.Lock()

    async def find(self, kid: str | None) -> Key | None:
        found = None if self._keys is None else self._keys.find(kid)
        if found is None or monotonic() - self._read > OLD_S:
            await self._ask()
            found = None if self._keys is None else self._keys.find(kid)
        if self._keys is None:
            raise Unavailable("the issuer's keys cannot be fetched")
        return found

    async def _ask(self) -> None:
        async with self._lock:
            pause = ASK_AGAIN_S if self._keys is not None else TIME_LIMIT_S
            if monotonic() - self._asked < pause:
                return
            self._asked = monotonic()
            try:
                self._keys = KeySet(await self._fetch())
            except (httpx.HTTPError, ValueError, AttributeError, TimeoutError, RecursionError) as error:
                _log.warning("the issuer's keys cannot be fetched", error=error)
                return
            self._read = monotonic()
            _log.info("keys fetched", count=len(self._keys))

    async def _fetch(self) -> bytes:
        raw = b""
        async with (
            asyncio.timeout(TIME_LIMIT_S),
            httpx.AsyncClient(transport=self._transport, timeout=TIME_LIMIT_S, follow_redirects=False) as client,
            client.stream("GET", self._url, headers={"Accept": "application/json"}) as answer,
        ):
            answer.raise_for_status()
            async for chunk in answer.aiter_bytes():
                raw += chunk
                if len(raw) > _LARGEST:
                    raise ValueError("too large for a JWKS")
        return raw
