"""The clients of the PSAs by their providers' names, with what they share in this process."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import httpx

from psa_sync_svc.adapters.autotask.client import AutotaskPsa
from psa_sync_svc.adapters.autotask.countries import Countries
from psa_sync_svc.adapters.autotask.limits import Limits
from psa_sync_svc.adapters.autotask.session import Session
from psa_sync_svc.adapters.autotask.settings import AutotaskSettings
from psa_sync_svc.adapters.autotask.wire import Wire
from psa_sync_svc.adapters.autotask.zone import Zone
from psa_sync_svc.adapters.base_url import AddressSettings, checked_base_url
from psa_sync_svc.adapters.checked_transport import CheckedTransport, Resolve, resolved
from psa_sync_svc.workers.psa import Connection, Permanent, Psa

_MOST_TENANTS: Final = 10_000
_Key = tuple[str, str, str | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class _Tenant:
    """What is known of the Autotask tenant behind an integration, for all its clients here."""

    zone: Zone
    limits: Limits
    countries: Countries


class ProviderPsas:
    """A `Psas`. Each client has connections of its own, so nothing of one partner's is seen by another's; `connect`
    makes them, and `resolve` looks names up."""

    def __init__(
        self,
        addresses: AddressSettings,
        autotask: AutotaskSettings,
        *,
        connect: Callable[[], httpx.AsyncBaseTransport] | None = None,
        resolve: Resolve = resolved,
    ) -> None:
        self._allow_private, self._autotask_settings = addresses.allow_private_addresses, autotask
        self._connect, self._resolve = connect or _over_tls(), resolve
        self._tenants: OrderedDict[_Key, _Tenant] = OrderedDict()
        self._providers: dict[str, Callable[[Connection], Psa]] = {"autotask": self._autotask}

    def open(self, provider: str, connection: Connection) -> Psa:
        """Raises `Permanent` for a `base_url` that may not be called, and for a provider that is not built."""
        make = self._providers.get(provider)
        if make is None:
            raise Permanent(f"the provider {provider!r} is not supported; autotask is")
        return make(connection)

    def _autotask(self, connection: Connection) -> Psa:
        settings, tenant = self._autotask_settings, self._tenant(connection)
        base_url = connection.base_url and checked_base_url(connection.base_url, allow_private=self._allow_private)
        transport = CheckedTransport(self._connect(), allow_private=self._allow_private, resolve=self._resolve)
        wire = Wire(transport, connection.credentials, settings)
        session = Session(wire, zone=tenant.zone, limits=tenant.limits, base_url=base_url or None, settings=settings)
        return AutotaskPsa(session, tenant.countries, overlap_s=settings.overlap_s)

    def _tenant(self, connection: Connection) -> _Tenant:
        """Another address or another user is another tenant. The one that rested longest is forgotten first."""
        named = connection.credentials.get("username"), connection.credentials.get("integration_code")
        key = (connection.partner_id, connection.integration_id, connection.base_url, *named)
        tenant = self._tenants.pop(key, None) or self._new_tenant()
        self._tenants[key] = tenant
        if len(self._tenants) > _MOST_TENANTS:
            self._tenants.popitem(last=False)
        return tenant

    def _new_tenant(self) -> _Tenant:
        settings = self._autotask_settings
        return _Tenant(Zone(), Limits(settings), Countries(settings.countries_s))


def _over_tls() -> Callable[[], httpx.AsyncBaseTransport]:
    """The trusted certificates are read once: that takes longer than a call."""
    certificates = httpx.create_ssl_context(trust_env=False)
    return lambda: httpx.AsyncHTTPTransport(verify=certificates, trust_env=False)
