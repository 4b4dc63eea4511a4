"""Calls under one integration's credentials: in its zone, within its limits, again where that is safe."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any, Final

from psa_sync_svc.adapters.attempts import Attempts
from psa_sync_svc.adapters.autotask.errors import PSA, understood
from psa_sync_svc.adapters.autotask.settings import AutotaskSettings
from psa_sync_svc.adapters.autotask.wire import AutotaskWire
from psa_sync_svc.adapters.autotask.zone import find_zone
from psa_sync_svc.adapters.place import Place
from psa_sync_svc.adapters.rate import Rate
from psa_sync_svc.adapters.reply import Reply
from psa_sync_svc.adapters.writing import alone, outcome
from psa_sync_svc.workers.psa import AuthFailed, Missing, Permanent, PsaError

Payload = Mapping[str, Any]
_THRESHOLD: Final = "ThresholdInformation"


class ZoneMoved(AuthFailed):
    """The tenant was in another zone than was thought."""


class Session:
    """Calls that read are repeated; one that writes is made by `change`, once."""

    def __init__(
        self,
        wire: AutotaskWire,
        *,
        zone: Place,
        rate: Rate,
        turn: asyncio.Lock,
        base_url: str | None,
        settings: AutotaskSettings,
    ) -> None:
        self._wire, self._zone, self._rate, self._turn = wire, zone, rate, turn
        self._base_url, self._settings = base_url, settings
        self._attempts = Attempts(PSA, settings)

    async def zone(self) -> str:
        return await self._zone.get(self._find)

    async def call(self, endpoint: str, path: str, body: Any = None) -> Payload:
        """`path` is within the zone. After a 401 the zone is asked for once more; the call is repeated only if the
        tenant has moved, since refused credentials lock the account."""
        zone = await self.zone()
        try:
            return await self.call_at(zone, endpoint, f"{zone}/{path}", body)
        except ZoneMoved:
            zone = await self.zone()
        return await self._attempts.at(lambda: self._once(endpoint, f"{zone}/{path}", body))

    async def call_at(self, zone: str, endpoint: str, url: str, body: Any = None) -> Payload:
        """`url` is in that zone. Raises `ZoneMoved` where the tenant is in another one by now."""
        try:
            found = await self._attempts.at(lambda: self._once(endpoint, url, body))
        except AuthFailed as error:
            if await self._zone.renewed(zone, self._find) != zone:
                raise ZoneMoved(error.detail) from error
            raise
        if self._rate.wants_reading:
            await self._read_threshold(zone)
        return found

    async def change(self, endpoint: str, path: str, body: Any) -> Payload:
        """A PATCH. After a 401, by which nothing was changed, it is made once more where the tenant has moved. Raises
        `Unanswered` where it may have been made."""
        zone = await self.zone()
        async with alone(self._turn, PSA, self._settings.call_limit_s):
            try:
                return await self._changed(endpoint, f"{zone}/{path}", body)
            except AuthFailed:
                moved = await self._zone.renewed(zone, self._find)
                if moved == zone:
                    raise
            return await self._changed(endpoint, f"{moved}/{path}", body)

    async def aclose(self) -> None:
        await self._wire.aclose()

    async def _find(self) -> str:
        return await self._attempts.at(lambda: find_zone(self._wire, self._base_url, self._settings))

    async def _once(self, endpoint: str, url: str, body: Any) -> Payload:
        async with self._rate.place(endpoint):
            reply = await self._wire.ask(url, body)
            return self._understood(reply)

    async def _changed(self, endpoint: str, url: str, body: Any) -> Payload:
        """A record that there is not is no 404: its id is in the body, so the address is wrong."""
        async with self._rate.place(endpoint):
            reply = await self._wire.change(url, body)
            try:
                return outcome(reply, self._understood, PSA)
            except Missing as error:
                raise Permanent(error.detail) from error

    def _understood(self, reply: Reply) -> Payload:
        return understood(reply, otherwise_s=self._settings.retry_after_s)

    async def _read_threshold(self, zone: str) -> None:
        """How many requests all of the tenant's integrations have made. Some users may not ask: then only ours
        count."""
        with contextlib.suppress(PsaError):
            told = await self._once(_THRESHOLD, f"{zone}/{_THRESHOLD}", None)
            limit, used = (told.get(name) for name in ("externalRequestThreshold", "currentTimeframeRequestCount"))
            if isinstance(limit, int) and isinstance(used, int) and limit > 0 and used >= 0:
                await self._rate.tell(limit=limit, used=used)
