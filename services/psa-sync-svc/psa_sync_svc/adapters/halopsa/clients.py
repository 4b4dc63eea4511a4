"""Makes clients of HaloPSA; those of one tenant share its token, and their turns to write."""

import asyncio
from dataclasses import dataclass

import httpx

from psa_sync_svc.adapters.halopsa.client import HalopsaPsa
from psa_sync_svc.adapters.halopsa.login import root_of
from psa_sync_svc.adapters.halopsa.session import Session
from psa_sync_svc.adapters.halopsa.settings import HalopsaSettings
from psa_sync_svc.adapters.halopsa.tokens import Tokens, owner_of
from psa_sync_svc.adapters.halopsa.wire import HalopsaWire
from psa_sync_svc.adapters.rate import Rates, Unlimited
from psa_sync_svc.adapters.tenants import Tenants
from psa_sync_svc.domain.provider import Provider
from psa_sync_svc.workers.psa import Connection


@dataclass(frozen=True, slots=True)
class _Tenant:
    tokens: Tokens
    turn: asyncio.Lock


class HalopsaClients:
    """Requests are counted for a whole server, whoever's applications make them."""

    def __init__(self, settings: HalopsaSettings, rates: Rates | None = None) -> None:
        self._settings, self._rates = settings, rates or Unlimited()
        self._tenants = Tenants(self._new, by=("client_id", "tenant"))

    def open(self, connection: Connection, base_url: str | None, transport: httpx.AsyncBaseTransport) -> HalopsaPsa:
        """Raises `Permanent` without a `base_url`."""
        settings, root = self._settings, root_of(base_url)
        tenant = self._tenants.of(connection)
        session = Session(
            HalopsaWire(transport, connection.credentials, settings),
            root=root,
            owner=owner_of(connection.credentials),
            tokens=tenant.tokens,
            rate=self._rates.of(Provider.HALOPSA, connection, settings.terms, tenant=(root,)),
            turn=tenant.turn,
            settings=settings,
        )
        return HalopsaPsa(session, settings)

    def _new(self) -> _Tenant:
        return _Tenant(Tokens(), asyncio.Lock())
