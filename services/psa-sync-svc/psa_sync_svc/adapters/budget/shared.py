"""The limiter that all instances share, as clients see it."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Final

from psa_sync_svc.adapters.budget.desk import STORE_S, Desk
from psa_sync_svc.adapters.budget.documents import Budgets, Tenant
from psa_sync_svc.adapters.budget.in_hand import Clock
from psa_sync_svc.domain.allowance import Terms
from psa_sync_svc.workers.psa import Connection, NotAsked, Purpose, RateLimited
from shared.engine.errors import Unavailable

TIDY_S: Final = 0.5
_MOST: Final = 10_000
Standing = Callable[[Connection], Awaitable[None]]
"""Raises `AuthFailed` and `NotAsked` where nothing may be asked under this connection any more."""


class SharedRates:
    """A `Rates`. `owner` is this process; `tidy` is called every `TIDY_S`, and `close` at the end."""

    def __init__(self, budgets: Budgets, standing: Standing, *, owner: str, clock: Clock | None = None) -> None:
        self._budgets, self._standing, self._owner = budgets, standing, owner
        self._clock = clock or Clock()
        self._desks: OrderedDict[tuple[str, Terms], Desk] = OrderedDict()

    def of(
        self, provider: str, connection: Connection, terms: Terms, *, tenant: tuple[str | None, ...]
    ) -> "SharedRate":
        named = _named(provider, connection.partner_id, tenant)
        return SharedRate(self._desk(named, terms), connection, self._standing)

    async def tidy(self) -> None:
        await asyncio.gather(*(desk.tidy() for desk in list(self._desks.values())))

    async def close(self) -> None:
        await asyncio.gather(*(desk.tidy(at_the_end=True) for desk in list(self._desks.values())))

    def _desk(self, tenant: Tenant, terms: Terms) -> Desk:
        """The one that rested longest is forgotten first: what it holds comes back by itself."""
        key = (tenant.id, terms)
        desk = self._desks.pop(key, None) or Desk(tenant, terms, self._budgets, self._owner, self._clock)
        self._desks[key] = desk
        if len(self._desks) > _MOST:
            self._desks.popitem(last=False)
        return desk


class SharedRate:
    """A `Rate`."""

    def __init__(self, desk: Desk, connection: Connection, standing: Standing) -> None:
        self._desk, self._connection, self._standing = desk, connection, standing
        self._interactive = connection.purpose is not Purpose.BACKGROUND

    @asynccontextmanager
    async def place(self, endpoint: str) -> AsyncIterator[None]:
        place = await self._desk.enter(endpoint, interactive=self._interactive)
        try:
            await self._stands()
            try:
                yield
            except RateLimited as limited:
                await self._desk.block(limited.retry_after_s)
                raise
        finally:
            await self._desk.leave(place)

    @property
    def wants_reading(self) -> bool:
        wanted, self._desk.wants_reading = self._desk.wants_reading, False
        return wanted

    async def tell(self, *, limit: int | None = None, used: int | None = None) -> None:
        await self._desk.tell(limit, used)

    async def _stands(self) -> None:
        """Looked at after all waiting, so just before the request. A person's call does not wait for the store."""
        try:
            async with asyncio.timeout(STORE_S):
                await self._standing(self._connection)
        except (Unavailable, TimeoutError) as error:
            if not self._interactive:
                raise NotAsked("whether this integration may be called cannot be looked up for now") from error


def _named(provider: str, partner_id: str, tenant: tuple[str | None, ...]) -> Tenant:
    """No partner shares a budget with another, whatever both say that their PSA is."""
    names = "\n".join(repr(part) for part in (provider, partner_id, *tenant))
    return Tenant(sha256(names.encode()).hexdigest()[:32], partner_id, provider)
