"""Makes clients of ConnectWise; those of one tenant share what is known of it, and their turns to write."""

import asyncio
from dataclasses import dataclass

import httpx

from psa_sync_svc.adapters.connectwise.client import ConnectwisePsa
from psa_sync_svc.adapters.connectwise.countries import Countries
from psa_sync_svc.adapters.connectwise.session import Session
from psa_sync_svc.adapters.connectwise.settings import ConnectwiseSettings
from psa_sync_svc.adapters.connectwise.statuses import Statuses
from psa_sync_svc.adapters.connectwise.wire import ConnectwiseWire
from psa_sync_svc.adapters.place import Place
from psa_sync_svc.adapters.rate import Rates, Unlimited
from psa_sync_svc.adapters.tenants import Tenants
from psa_sync_svc.domain.provider import Provider
from psa_sync_svc.workers.psa import Connection


@dataclass(frozen=True, slots=True)
class _Tenant:
    place: Place
    statuses: Statuses
    countries: Countries
    turn: asyncio.Lock


class ConnectwiseClients:
    def __init__(self, settings: ConnectwiseSettings, rates: Rates | None = None) -> None:
        self._settings, self._rates = settings, rates or Unlimited()
        self._tenants = Tenants(self._new, by=("company", "public_key", "client_id"))

    def open(self, connection: Connection, base_url: str | None, transport: httpx.AsyncBaseTransport) -> ConnectwisePsa:
        settings, tenant = self._settings, self._tenants.of(connection)
        wire = ConnectwiseWire(transport, connection.credentials, settings)
        named = (base_url or settings.address, connection.credentials.get("company"))
        rate = self._rates.of(Provider.CONNECTWISE, connection, settings.terms, tenant=named)
        session = Session(wire, place=tenant.place, rate=rate, turn=tenant.turn, base_url=base_url, settings=settings)
        return ConnectwisePsa(session, tenant.statuses, tenant.countries, settings)

    def _new(self) -> _Tenant:
        settings = self._settings
        statuses, countries = Statuses(settings.statuses_s), Countries(settings.countries_s)
        return _Tenant(Place(), statuses, countries, asyncio.Lock())
