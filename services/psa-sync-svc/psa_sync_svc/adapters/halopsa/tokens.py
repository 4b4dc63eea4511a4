"""A tenant's token: asked for when it is needed, by one call for all, and kept in memory only."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from time import monotonic


@dataclass(frozen=True, slots=True)
class Token:
    """`until`: by the monotonic clock."""

    text: str = field(repr=False)
    until: float


Login = Callable[[], Awaitable[Token]]


class Tokens:
    """Whoever holds other credentials gets a token of their own, so an edited secret is tried and not covered up by the
    token of the old one."""

    def __init__(self) -> None:
        self._kept: tuple[bytes, Token] | None = None
        self._lock = asyncio.Lock()

    async def get(self, owner: bytes, login: Login) -> str:
        async with self._lock:
            if self._kept is not None:
                of, token = self._kept
                if of == owner and monotonic() < token.until:
                    return token.text
            return await self._new(owner, login)

    async def renewed(self, owner: bytes, refused: str, login: Login) -> str:
        """Another than the one that was refused; calls that were refused together share it."""
        async with self._lock:
            if self._kept is not None:
                of, token = self._kept
                if of == owner and token.text != refused and monotonic() < token.until:
                    return token.text
            return await self._new(owner, login)

    async def fresh(self, owner: bytes, login: Login) -> str:
        """One that the credentials are given for now."""
        async with self._lock:
            return await self._new(owner, login)

    async def _new(self, owner: bytes, login: Login) -> str:
        self._kept = None
        token = await login()
        self._kept = owner, token
        return token.text


def owner_of(credentials: Mapping[str, str]) -> bytes:
    """A digest, so that the secret itself is not kept."""
    named = sorted(credentials.items())
    return sha256(repr(named).encode(errors="surrogatepass")).digest()
