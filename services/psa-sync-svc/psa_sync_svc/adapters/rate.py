"""What a client asks before each request: whether it may be made now, whichever instance it is in."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from psa_sync_svc.domain.allowance import Terms
from psa_sync_svc.workers.psa import Connection


class Rate(Protocol):
    """What one client may ask of its tenant."""

    def place(self, endpoint: str) -> AbstractAsyncContextManager[None]:
        """Held for one request and for the understanding of its answer: a `RateLimited` that is raised inside is told
        to all instances, which then ask nothing until it is over.

        Raises `RateLimited` where nothing may be asked within a short time, `AuthFailed` where the credentials were
        refused meanwhile, whichever instance met that, and `NotAsked` where they were changed.
        """
        ...

    @property
    def wants_reading(self) -> bool:
        """True once where the vendor is to be asked how much is used; `tell` takes the answer."""
        ...

    async def tell(self, *, limit: int | None = None, used: int | None = None) -> None:
        """What the vendor said of the first window of the terms: how many requests it takes, how many there were."""
        ...


class Rates(Protocol):
    def of(self, provider: str, connection: Connection, terms: Terms, *, tenant: tuple[str | None, ...]) -> Rate:
        """Clients of one partner that name the same tenant share what it may be asked."""
        ...


class Unlimited:
    """A `Rates` and a `Rate` without any limit, for what is tried alone."""

    def of(self, provider: str, connection: Connection, terms: Terms, *, tenant: tuple[str | None, ...]) -> Rate:
        del provider, connection, terms, tenant
        return self

    @asynccontextmanager
    async def place(self, endpoint: str) -> AsyncIterator[None]:
        del endpoint
        yield

    @property
    def wants_reading(self) -> bool:
        return False

    async def tell(self, *, limit: int | None = None, used: int | None = None) -> None:
        del limit, used
