"""ConnectWise signs its callbacks under a key of its own, and names in each where that is."""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from psa_sync_svc.adapters.webhooks.proof import id_of, mark_of, object_in, same
from psa_sync_svc.adapters.webhooks.settings import WebhookSettings
from psa_sync_svc.adapters.webhooks.signing_keys import SigningKeys, is_allowed
from psa_sync_svc.workers.psa import Permanent
from psa_sync_svc.workers.webhooks import Doubt, Hook, NotBelieved, Received, Told, Unreadable

_LONGEST = 200


class ConnectwiseWebhooks:
    """Every tenant of the vendor's cloud can have callbacks signed that are sent here, so the company that a callback
    names has to be the integration's. `domain`: of the vendor's cloud."""

    proof_header: str | None = None

    def __init__(self, keys: SigningKeys, settings: WebhookSettings, *, domain: str) -> None:
        self._keys, self._settings, self._domain = keys, settings, domain

    async def read(self, hook: Hook, received: Received) -> Told:
        """Before a key is fetched all is looked at that can be without it."""
        given = received.headers.get("x-content-signature", "")
        if not given or len(given) > _LONGEST:
            raise NotBelieved(Doubt.NO_SIGNATURE)
        try:
            event = object_in(received.body)
        except Unreadable:
            raise NotBelieved(Doubt.NO_KEY_NAMED) from None
        if self._settings.callback_company and not _is_of(event, hook.company):
            raise NotBelieved(Doubt.ANOTHER_COMPANY)
        await self._check(hook, self._address(event, hook), given, received.body)
        return _told(event, received.body)

    def _address(self, event: Mapping[str, Any], hook: Hook) -> str:
        metadata = event.get("metadata")
        url = metadata.get("key_url") if isinstance(metadata, dict) else None
        if not isinstance(url, str):
            raise NotBelieved(Doubt.NO_KEY_NAMED)
        hosts = self._settings.key_hosts
        if not is_allowed(url, base_url=hook.base_url, domain=self._domain, hosts=hosts):
            raise NotBelieved(Doubt.KEY_ELSEWHERE)
        return url

    async def _check(self, hook: Hook, url: str, given: str, body: bytes) -> None:
        """A key that is known and does not fit may have been changed."""
        try:
            key = await self._keys.of(hook.integration_id, url)
            if key is not None and same(_signature(key, body), given):
                return
            key = await self._keys.of(hook.integration_id, url, renewed=True)
        except Permanent:
            raise NotBelieved(Doubt.NO_KEY_NAMED) from None
        if key is None or not same(_signature(key, body), given):
            raise NotBelieved(Doubt.WRONG_SIGNATURE)


def _signature(key: str, body: bytes) -> str:
    return b64encode(hmac.digest(sha256(key.encode()).digest(), body, sha256)).decode()


def _is_of(event: Mapping[str, Any], company: str | None) -> bool:
    named = event.get("companyid")
    return isinstance(named, str) and company is not None and same(company.casefold(), named.casefold())


def _told(event: Mapping[str, Any], body: bytes) -> Told:
    """The record that it carries is left alone: what is true is read from the API."""
    account_id = id_of(event.get("id"))
    if str(event.get("type")).lower() != "company" or account_id is None:
        return Told(mark=mark_of(body))
    return Told((account_id,), mark=mark_of(body))
