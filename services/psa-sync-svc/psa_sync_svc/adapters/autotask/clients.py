"""Makes clients of Autotask; those of one tenant share what is known of it, its limits and their turns to write."""

import asyncio
from dataclasses import dataclass

import httpx

from psa_sync_svc.adapters.autotask.client import AutotaskPsa
from psa_sync_svc.adapters.autotask.company_fields import CompanyFields
from psa_sync_svc.adapters.autotask.countries import Countries
from psa_sync_svc.adapters.autotask.limits import Limits
from psa_sync_svc.adapters.autotask.session import Session
from psa_sync_svc.adapters.autotask.settings import AutotaskSettings
from psa_sync_svc.adapters.autotask.wire import AutotaskWire
from psa_sync_svc.adapters.place import Place
from psa_sync_svc.adapters.remembered import Remembered
from psa_sync_svc.adapters.tenants import Tenants
from psa_sync_svc.workers.psa import Connection


@dataclass(frozen=True, slots=True)
class _Tenant:
    zone: Place
    limits: Limits
    countries: Countries
    fields: Remembered[CompanyFields]
    turn: asyncio.Lock


class AutotaskClients:
    def __init__(self, settings: AutotaskSettings) -> None:
        self._settings = settings
        self._tenants = Tenants(self._new, by=("username", "integration_code"))

    def open(self, connection: Connection, base_url: str | None, transport: httpx.AsyncBaseTransport) -> AutotaskPsa:
        settings, tenant = self._settings, self._tenants.of(connection)
        wire = AutotaskWire(transport, connection.credentials, settings)
        session = Session(
            wire, zone=tenant.zone, limits=tenant.limits, turn=tenant.turn, base_url=base_url, settings=settings
        )
        return AutotaskPsa(session, tenant.countries, tenant.fields, overlap_s=settings.overlap_s)

    def _new(self) -> _Tenant:
        settings = self._settings
        countries, fields = Countries(settings.countries_s), Remembered[CompanyFields](settings.fields_s)
        return _Tenant(Place(), Limits(settings), countries, fields, asyncio.Lock())
