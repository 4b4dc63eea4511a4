"""Calls under one integration's credentials: with a token, within its limits, again where that is safe."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from psa_sync_svc.adapters.attempts import Attempts
from psa_sync_svc.adapters.halopsa.errors import PSA, LimitReached, TokenRefused, understood
from psa_sync_svc.adapters.halopsa.login import find_tokens, log_in
from psa_sync_svc.adapters.halopsa.settings import HalopsaSettings
from psa_sync_svc.adapters.halopsa.tokens import Token, Tokens
from psa_sync_svc.adapters.halopsa.wire import HalopsaWire
from psa_sync_svc.adapters.rate import Rate
from psa_sync_svc.adapters.reply import Reply
from psa_sync_svc.adapters.writing import alone, outcome

Params = Mapping[str, str]
_ANY: Final = "any"
"""The limit is the tenant's, whatever is asked for."""


class Session:
    """Calls that read are repeated; one that writes is made by `change`, once. `owner`: whose credentials these are."""

    def __init__(
        self,
        wire: HalopsaWire,
        *,
        root: str,
        owner: bytes,
        tokens: Tokens,
        rate: Rate,
        turn: asyncio.Lock,
        settings: HalopsaSettings,
    ) -> None:
        self._wire, self._root, self._owner, self._tokens = wire, root, owner, tokens
        self._rate, self._turn, self._settings = rate, turn, settings
        self._attempts = Attempts(PSA, settings)

    async def log_in_afresh(self) -> None:
        """So that the credentials are tried, and not only what they were once good for."""
        await self._tokens.fresh(self._owner, self._login)

    async def call(self, endpoint: str, params: Params, number: int | None = None) -> Any:
        """A list, or the record of that number. A refused token is renewed once: credentials that are refused again
        and again lock the account."""
        path = endpoint if number is None else f"{endpoint}/{number}"
        token = await self._token()
        try:
            return await self._attempts.at(lambda: self._once(path, token, params))
        except TokenRefused:
            newer = await self._renewed(token)
        return await self._attempts.at(lambda: self._once(path, newer, params))

    async def change(self, endpoint: str, body: Any) -> Any:
        """A POST. After a 401, by which nothing was changed, it is made once more under a new token. Raises
        `Unanswered` where it may have been made."""
        token = await self._token()
        async with alone(self._turn, PSA, self._settings.call_limit_s):
            try:
                return await self._changed(endpoint, token, body)
            except TokenRefused:
                newer = await self._renewed(token)
            return await self._changed(endpoint, newer, body)

    async def aclose(self) -> None:
        await self._wire.aclose()

    async def _token(self) -> str:
        return await self._tokens.get(self._owner, self._login)

    async def _renewed(self, refused: str) -> str:
        return await self._tokens.renewed(self._owner, refused, self._login)

    async def _login(self) -> Token:
        url = await self._attempts.at(self._find)
        return await self._attempts.at(lambda: self._ask_for_token(url))

    async def _find(self) -> str:
        async with self._place():
            return await find_tokens(self._wire, self._root, self._settings)

    async def _ask_for_token(self, url: str) -> Token:
        async with self._place():
            return await log_in(self._wire, url, self._settings)

    async def _once(self, path: str, token: str, params: Params) -> Any:
        async with self._place():
            reply = await self._wire.ask(f"{self._root}/api/{path}", token, params)
            return self._understood(reply)

    async def _changed(self, endpoint: str, token: str, body: Any) -> Any:
        async with self._place():
            reply = await self._wire.change(f"{self._root}/api/{endpoint}", token, body)
            return outcome(reply, self._understood, PSA)

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """Held for one request. A limit that is told is kept to from then on."""
        try:
            async with self._rate.place(_ANY):
                yield
        except LimitReached as reached:
            if reached.limit is not None:
                await self._rate.tell(limit=reached.limit)
            raise

    def _understood(self, reply: Reply) -> Any:
        return understood(reply, otherwise_s=self._settings.retry_after_s)
