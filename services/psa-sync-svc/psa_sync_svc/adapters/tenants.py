"""What is known of the tenants behind the integrations, for all their clients in this process."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from psa_sync_svc.workers.psa import Connection

T = TypeVar("T")
_MOST: Final = 10_000


class Tenants(Generic[T]):
    """Another address or other names (`by`, of the credentials) are another tenant. The one that rested longest is
    forgotten first."""

    def __init__(self, new: Callable[[], T], *, by: tuple[str, ...]) -> None:
        self._new, self._by = new, by
        self._tenants: OrderedDict[tuple[str | None, ...], T] = OrderedDict()

    def of(self, connection: Connection) -> T:
        named = (connection.credentials.get(name) for name in self._by)
        key = (connection.partner_id, connection.integration_id, connection.base_url, *named)
        tenant = self._tenants.pop(key, None) or self._new()
        self._tenants[key] = tenant
        if len(self._tenants) > _MOST:
            self._tenants.popitem(last=False)
        return tenant
