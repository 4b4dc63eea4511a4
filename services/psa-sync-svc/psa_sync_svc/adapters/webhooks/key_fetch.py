"""Fetches a signing key from an address that was looked at: no credentials go there, and no redirect is followed."""

from collections.abc import Callable
from http import HTTPStatus

import httpx

from psa_sync_svc.adapters.base_url import AddressSettings
from psa_sync_svc.adapters.checked_transport import CheckedTransport, Resolve
from psa_sync_svc.adapters.connectwise.errors import PSA
from psa_sync_svc.adapters.connectwise.settings import ConnectwiseSettings
from psa_sync_svc.adapters.names import resolved
from psa_sync_svc.adapters.webhooks.signing_keys import key_in
from psa_sync_svc.adapters.wire import Wire
from psa_sync_svc.workers.psa import Permanent, Transient

_LARGEST = 64_000


class KeyFetch:
    """Raises a `PsaError`. `connect` makes connections, `resolve` looks names up."""

    def __init__(
        self,
        addresses: AddressSettings,
        settings: ConnectwiseSettings,
        *,
        limit_s: float,
        connect: Callable[[], httpx.AsyncBaseTransport],
        resolve: Resolve = resolved,
    ) -> None:
        self._allow_private, self._connect, self._resolve = addresses.allow_private_addresses, connect, resolve
        self._bounds = settings.model_copy(update={"attempt_limit_s": limit_s, "largest_answer": _LARGEST})

    async def __call__(self, url: str) -> str:
        transport = CheckedTransport(self._connect(), allow_private=self._allow_private, resolve=self._resolve)
        wire = Wire(transport, PSA, self._bounds)
        try:
            reply = await wire.get(url)
        finally:
            await wire.aclose()
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Transient(f"the signing key cannot be had now (HTTP {reply.status})")
        if reply.status != HTTPStatus.OK:
            raise Permanent(f"there is no signing key at its address (HTTP {reply.status})")
        try:
            return key_in(reply.json())
        except ValueError:
            raise Permanent("what is at the key's address is no signing key") from None
