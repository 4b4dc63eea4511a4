"""Makes clients of ConnectWise; those of one tenant share what is known of it, and their turns."""

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
from psa_sync_svc.adapters.tenants import Tenants
from psa_sync_svc.workers.psa import Connection


@dataclass(frozen=True, slots=True)
class _Tenant:
    place: Place
    statuses: Statuses
    countries: Countries
    turns: asyncio.Semaphore
    turn: asyncio.Lock


class ConnectwiseClients:
    def __init__(self, settings: ConnectwiseSettings) -> None:
        self._settings = settings
        self._tenants = Tenants(self._new, by=("company", "public_key", "client_id"))

    def open(self, connection: Connection, base_url: str | None, transport: httpx.AsyncBaseTransport) -> ConnectwisePsa:
        settings, tenant = self._settings, self._tenants.of(connection)
        wire = ConnectwiseWire(transport, connection.credentials, settings)
        session = Session(
            wire, place=tenant.place, turns=tenant.turns, turn=tenant.turn, base_url=base_url, settings=settings
        )
        return ConnectwisePsa(session, tenant.statuses, tenant.countries, settings)

    def _new(self) -> _Tenant:
        settings = self._settings
        statuses, countries = Statuses(settings.statuses_s), Countries(settings.countries_s)
        return _Tenant(Place(), statuses, countries, asyncio.Semaphore(settings.at_once), asyncio.Lock())
