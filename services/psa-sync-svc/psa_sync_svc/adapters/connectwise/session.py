"""Calls under one integration's credentials: on its codebase, few at a time, again where that is safe."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psa_sync_svc.adapters.attempts import Attempts
from psa_sync_svc.adapters.connectwise.company import find_api
from psa_sync_svc.adapters.connectwise.errors import PSA, understood
from psa_sync_svc.adapters.connectwise.settings import ConnectwiseSettings
from psa_sync_svc.adapters.connectwise.wire import ConnectwiseWire
from psa_sync_svc.adapters.place import Place
from psa_sync_svc.adapters.reply import Missing, Reply

Params = Mapping[str, str]


class Upgraded(Missing):
    """The API is on another codebase than was thought."""


@dataclass(frozen=True, slots=True)
class Said:
    """The JSON of a good answer, and the header that names further pages."""

    payload: Any
    link: str


class Session:
    """Every call here reads, so that it can be repeated; a call that writes must not come this way."""

    def __init__(
        self,
        wire: ConnectwiseWire,
        *,
        place: Place,
        turns: asyncio.Semaphore,
        base_url: str | None,
        settings: ConnectwiseSettings,
    ) -> None:
        self._wire, self._place, self._turns = wire, place, turns
        self._base_url, self._settings = base_url, settings
        self._attempts = Attempts(PSA, settings)

    async def api(self) -> str:
        return await self._place.get(self._find)

    async def call(self, path: str, params: Params | None = None) -> Said:
        """`path` is within the API. After a 404 the codebase is asked for once more, and the call repeated only if it
        is another one."""
        api = await self.api()
        try:
            return await self.call_at(api, f"{api}/{path}", params)
        except Upgraded:
            api = await self.api()
        return await self._attempts.at(lambda: self._once(f"{api}/{path}", params))

    async def call_at(self, api: str, url: str, params: Params | None = None) -> Said:
        """`url` is in that API. Raises `Upgraded` where it is somewhere else by now."""
        try:
            return await self._attempts.at(lambda: self._once(url, params))
        except Missing as error:
            if await self._place.renewed(api, self._find) != api:
                raise Upgraded(error.detail) from error
            raise

    async def aclose(self) -> None:
        await self._wire.aclose()

    async def _find(self) -> str:
        return await self._attempts.at(lambda: find_api(self._wire, self._base_url, self._settings))

    async def _once(self, url: str, params: Params | None) -> Said:
        async with self._turns:
            reply: Reply = await self._wire.ask(url, params)
        return Said(understood(reply, otherwise_s=self._settings.retry_after_s), reply.link)
