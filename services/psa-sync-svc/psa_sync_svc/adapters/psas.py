"""The clients of the PSAs by their providers' names, each over connections that were checked."""

from collections.abc import Callable, Mapping
from typing import Protocol

import httpx

from psa_sync_svc.adapters.base_url import AddressSettings, checked_base_url
from psa_sync_svc.adapters.checked_transport import CheckedTransport, Resolve
from psa_sync_svc.adapters.names import resolved
from psa_sync_svc.workers.psa import Connection, Permanent, Psa


class Clients(Protocol):
    """Makes one provider's clients, and keeps what they share in this process."""

    def open(self, connection: Connection, base_url: str | None, transport: httpx.AsyncBaseTransport) -> Psa:
        """`base_url` was checked; None: the vendor's own."""
        ...


class ProviderPsas:
    """A `Psas`. Each client has connections of its own, so nothing of one partner's is seen by another's; `connect`
    makes them, and `resolve` looks names up."""

    def __init__(
        self,
        addresses: AddressSettings,
        clients: Mapping[str, Clients],
        *,
        connect: Callable[[], httpx.AsyncBaseTransport] | None = None,
        resolve: Resolve = resolved,
    ) -> None:
        self._allow_private, self._clients = addresses.allow_private_addresses, clients
        self._connect, self._resolve = connect or over_tls(), resolve

    def open(self, provider: str, connection: Connection) -> Psa:
        """Raises `Permanent` for a `base_url` that may not be called, and for a provider that is not built."""
        clients = self._clients.get(provider)
        if clients is None:
            raise Permanent(f"the provider {provider!r} is not supported; what is: {', '.join(sorted(self._clients))}")
        given = connection.base_url
        base_url = checked_base_url(given, allow_private=self._allow_private) if given else None
        transport = CheckedTransport(self._connect(), allow_private=self._allow_private, resolve=self._resolve)
        return clients.open(connection, base_url, transport)


def over_tls() -> Callable[[], httpx.AsyncBaseTransport]:
    """The trusted certificates are read once: that takes longer than a call."""
    certificates = httpx.create_ssl_context(trust_env=False)
    return lambda: httpx.AsyncHTTPTransport(verify=certificates, trust_env=False)
