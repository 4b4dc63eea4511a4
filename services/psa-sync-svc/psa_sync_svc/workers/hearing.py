"""Takes what PSAs send: proved, not heard before, and then a hint that a linked account, or all that changed, is to be
read soon. No PSA is called for it but for the proof."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

import structlog

from psa_sync_svc.aggregates import INTEGRATION, LINK, account_key, watch_id
from psa_sync_svc.domain.integration import Integration
from psa_sync_svc.domain.watch import Pace
from psa_sync_svc.handlers.change_webhook import hearing, stopping
from psa_sync_svc.handlers.notice_account import hinting
from psa_sync_svc.handlers.watching import hinting_at
from psa_sync_svc.workers.asking import now
from psa_sync_svc.workers.deliveries import Deliveries
from psa_sync_svc.workers.envelope import work_meta
from psa_sync_svc.workers.psa import Transient
from psa_sync_svc.workers.vault import CannotUnseal, Owner, UnknownKey, Vault
from psa_sync_svc.workers.webhooks import Doubt, Hook, NotBelieved, Received, Told, Webhooks
from shared.engine.change import Change
from shared.engine.engine import Engine

SECRET: Final = "secret"  # noqa: S105 - the name that it is sealed under
_WEBHOOK: Final = "webhook"
_log = structlog.get_logger(__name__)


class Repeated(Exception):  # noqa: N818 - read as what happened
    """The same delivery was taken before, or it is too old to know."""


class Hearing:
    """`hooks`: how each provider proves it, by its name. `pace`: how soon is polled for what is not told exactly."""

    def __init__(
        self, engine: Engine, vault: Vault, hooks: Mapping[str, Webhooks], deliveries: Deliveries, pace: Pace
    ) -> None:
        self._engine, self._vault, self._hooks = engine, vault, hooks
        self._deliveries, self._pace = deliveries, pace

    def proof_header(self, integration: Integration) -> str | None:
        hooks = self._hooks.get(integration.provider.value)
        return hooks.proof_header if hooks is not None else None

    async def take(self, integration_id: str, received: Received) -> None:
        """Raises `NotBelieved`, `Repeated`, `Unreadable`, or a `PsaError` where the proof cannot be had now."""
        integration = await self._living(integration_id)
        hooks = self._hooks.get(integration.provider.value)
        if hooks is None:
            raise NotBelieved(Doubt.NO_SECRET)
        told = await hooks.read(self._hook(integration), received)
        key = f"{watch_id(integration.partner_id, integration.integration_id)}|{told.mark}"
        if told.mark is not None and await self._deliveries.knows(key, told.sent_at):
            raise Repeated
        changes = [*self._of_the_webhook(integration, told), *await self._hints(integration, told)]
        if changes:
            await self._engine.execute(changes, work_meta(integration.partner_id, _WEBHOOK))
        if told.mark is not None:
            await self._deliveries.note(key)
        _log.info("webhook", integration_id=integration.integration_id, accounts=len(told.account_ids))

    async def stopped(self, integration_id: str, token: str) -> None:
        """The PSA says, under an address that only it knows, that it sends nothing any more. Raises `NotBelieved`."""
        integration = await self._living(integration_id)
        secret = self._secret(integration)
        if secret is None or not hmac.compare_digest(stop_token(secret).encode(), token.encode()):
            raise NotBelieved(Doubt.NO_SECRET if secret is None else Doubt.WRONG_SIGNATURE)
        change = stopping(integration.integration_id, at=now())
        await self._engine.execute([change], work_meta(integration.partner_id, _WEBHOOK))
        _log.warning("the PSA has stopped its webhook", integration_id=integration.integration_id)

    async def _living(self, integration_id: str) -> Integration:
        known = await self._engine.read(INTEGRATION, integration_id)
        if known is None or known.deleted:
            raise NotBelieved(Doubt.NO_INTEGRATION)
        return known

    def _of_the_webhook(self, integration: Integration, told: Told) -> Sequence[Change[Any, Any]]:
        id, webhook = integration.integration_id, integration.webhook
        if told.stopped:
            return [stopping(id, at=now())]
        return [hearing(id)] if webhook is not None and webhook.stopped_at is not None else []

    async def _hints(self, integration: Integration, told: Told) -> Sequence[Change[Any, Any]]:
        keys = {account_key(integration.partner_id, integration.integration_id, id): id for id in told.account_ids}
        docs = await self._engine.store.find(LINK.collection, {"q.account": {"$in": list(keys)}}) if keys else []
        linked = {doc["_id"]: keys[doc["q"]["account"]] for doc in docs}
        hints: list[Change[Any, Any]] = [hinting(integration, id, account_id) for id, account_id in linked.items()]
        if told.something or set(told.account_ids) - set(linked.values()):
            hints.append(hinting_at(integration, self._pace))
        return hints

    def _hook(self, integration: Integration) -> Hook:
        return Hook(
            integration.integration_id, integration.base_url, self._secret(integration), self._company(integration)
        )

    def _secret(self, integration: Integration) -> str | None:
        webhook = integration.webhook
        return None if webhook is None else self._unsealed(integration, webhook.secret).get(SECRET)

    def _company(self, integration: Integration) -> str | None:
        if self.proof_header(integration) is not None or integration.credentials is None:
            return None
        return self._unsealed(integration, integration.credentials).get("company")

    def _unsealed(self, integration: Integration, sealed: Any) -> Mapping[str, str]:
        try:
            return self._vault.unseal(Owner(integration.partner_id, integration.integration_id), sealed)
        except UnknownKey:
            raise Transient("what proves a webhook cannot be read with the keys that are set; send it again") from None
        except CannotUnseal:
            return {}


def stop_token(secret: str) -> str:
    """A word for an address, which tells nothing of the secret that it is made of."""
    return urlsafe_b64encode(hmac.digest(secret.encode(), b"rebilling webhook: stopped", sha256)[:18]).decode()
