"""Makes clients of Autotask; those of one tenant share what is known of it, and their turns to write."""

import asyncio
from dataclasses import dataclass

import httpx

from psa_sync_svc.adapters.autotask.client import AutotaskPsa
from psa_sync_svc.adapters.autotask.company_fields import CompanyFields
from psa_sync_svc.adapters.autotask.countries import Countries
from psa_sync_svc.adapters.autotask.session import Session
from psa_sync_svc.adapters.autotask.settings import AutotaskSettings
from psa_sync_svc.adapters.autotask.wire import AutotaskWire
from psa_sync_svc.adapters.place import Place
from psa_sync_svc.adapters.rate import Rates, Unlimited
from psa_sync_svc.adapters.remembered import Remembered
from psa_sync_svc.adapters.tenants import Tenants
from psa_sync_svc.domain.provider import Provider
from psa_sync_svc.workers.psa import Connection


@dataclass(frozen=True, slots=True)
class _Tenant:
    zone: Place
    countries: Countries
    fields: Remembered[CompanyFields]
    turn: asyncio.Lock


class AutotaskClients:
    """Requests are counted for a whole database there, whoever its users are, and which one it is does not show: so
    what a partner has at one address is taken for one tenant."""

    def __init__(self, settings: AutotaskSettings, rates: Rates | None = None) -> None:
        self._settings, self._rates = settings, rates or Unlimited()
        self._tenants = Tenants(self._new, by=("username", "integration_code"))

    def open(self, connection: Connection, base_url: str | None, transport: httpx.AsyncBaseTransport) -> AutotaskPsa:
        settings, tenant = self._settings, self._tenants.of(connection)
        wire = AutotaskWire(transport, connection.credentials, settings)
        rate = self._rates.of(Provider.AUTOTASK, connection, settings.terms, tenant=(base_url or settings.address,))
        session = Session(wire, zone=tenant.zone, rate=rate, turn=tenant.turn, base_url=base_url, settings=settings)
        return AutotaskPsa(session, tenant.countries, tenant.fields, overlap_s=settings.overlap_s)

    def _new(self) -> _Tenant:
        settings = self._settings
        countries, fields = Countries(settings.countries_s), Remembered[CompanyFields](settings.fields_s)
        return _Tenant(Place(), countries, fields, asyncio.Lock())
