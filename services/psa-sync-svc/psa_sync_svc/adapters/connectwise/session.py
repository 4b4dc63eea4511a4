"""Calls under one integration's credentials: on its codebase, few at a time, again where that is safe."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from psa_sync_svc.adapters.attempts import Attempts
from psa_sync_svc.adapters.connectwise.company import find_api
from psa_sync_svc.adapters.connectwise.errors import PSA, understood
from psa_sync_svc.adapters.connectwise.settings import ConnectwiseSettings
from psa_sync_svc.adapters.connectwise.wire import ConnectwiseWire
from psa_sync_svc.adapters.place import Place
from psa_sync_svc.adapters.rate import Rate
from psa_sync_svc.adapters.reply import Nowhere, Reply
from psa_sync_svc.adapters.writing import alone, outcome
from psa_sync_svc.workers.psa import Missing, Permanent

Params = Mapping[str, str]
_ANY: Final = "any"
"""No endpoint has limits of its own, as far as is known."""


class Upgraded(Permanent):
    """The API is on another codebase than was thought."""


@dataclass(frozen=True, slots=True)
class Said:
    """The JSON of a good answer, and the header that names further pages."""

    payload: Any
    link: str


class Session:
    """Calls that read are repeated; one that writes is made by `change`, once."""

    def __init__(
        self,
        wire: ConnectwiseWire,
        *,
        place: Place,
        rate: Rate,
        turn: asyncio.Lock,
        base_url: str | None,
        settings: ConnectwiseSettings,
    ) -> None:
        self._wire, self._place, self._rate, self._turn = wire, place, rate, turn
        self._base_url, self._settings = base_url, settings
        self._attempts = Attempts(PSA, settings)

    async def api(self) -> str:
        return await self._place.get(self._find)

    async def call(self, path: str, params: Params | None = None, body: Any = None) -> Said:
        """`path` is within the API. After a 404 the codebase is asked for once more, and the call repeated only if it
        is another one."""
        api = await self.api()
        try:
            return await self.call_at(api, f"{api}/{path}", params, body)
        except Upgraded:
            api = await self.api()
        return await self._attempts.at(lambda: self._once(f"{api}/{path}", params, body))

    async def call_at(self, api: str, url: str, params: Params | None = None, body: Any = None) -> Said:
        """`url` is in that API. Raises `Upgraded` where it is somewhere else by now."""
        try:
            return await self._attempts.at(lambda: self._once(url, params, body))
        except (Nowhere, Missing) as error:
            if await self._place.renewed(api, self._find) != api:
                raise Upgraded(error.detail) from error
            raise

    async def change(self, path: str, body: Any) -> Any:
        """A PATCH. After a 404, by which nothing was changed, it is made once more where the codebase is another one.
        Raises `Unanswered` where it may have been made."""
        api = await self.api()
        async with alone(self._turn, PSA, self._settings.call_limit_s):
            try:
                return await self._changed(f"{api}/{path}", body)
            except (Nowhere, Missing):
                other = await self._place.renewed(api, self._find)
                if other == api:
                    raise
            return await self._changed(f"{other}/{path}", body)

    async def aclose(self) -> None:
        await self._wire.aclose()

    async def _find(self) -> str:
        return await self._attempts.at(lambda: find_api(self._wire, self._base_url, self._settings))

    async def _once(self, url: str, params: Params | None, body: Any) -> Said:
        async with self._rate.place(_ANY):
            asked = self._wire.ask(url, params) if body is None else self._wire.look(url, params or {}, body)
            reply = await asked
            return Said(self._understood(reply), reply.link)

    async def _changed(self, url: str, body: Any) -> Any:
        async with self._rate.place(_ANY):
            reply = await self._wire.change(url, body)
            return outcome(reply, self._understood, PSA)

    def _understood(self, reply: Reply) -> Any:
        return understood(reply, otherwise_s=self._settings.retry_after_s)
