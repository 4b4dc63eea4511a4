"""After a change of keys: seals all credentials anew with the newest one, so that the older one may be taken away."""

from typing import Final

import structlog
from structlog.contextvars import bound_contextvars

from psa_sync_svc.aggregates import INTEGRATION
from psa_sync_svc.domain.integration import Integration, Sealed, StatusChanged
from psa_sync_svc.handlers.change_integration import resealing
from psa_sync_svc.handlers.change_webhook import resealing_secret
from psa_sync_svc.workers.envelope import work_meta
from psa_sync_svc.workers.vault import CannotUnseal, Owner, Vault
from shared.engine.change import Change, Meta
from shared.engine.document import state_of
from shared.engine.engine import Engine
from shared.engine.leases import Leases

EVERY_S: Final = 600.0
PAGE: Final = 200
LEASE_S: Final = 60.0
_log = structlog.get_logger(__name__)


class Reseal:
    """Looks through all integrations, by whoever holds the lease; where nothing changed it writes nothing."""

    def __init__(self, engine: Engine, leases: Leases, vault: Vault) -> None:
        self._engine, self._leases, self._vault = engine, leases, vault

    async def step(self) -> int:
        """Answers how many were sealed anew."""
        after, done = "", 0
        while await self._leases.hold("reseal", ttl_s=LEASE_S):
            docs = await self._engine.store.find(
                INTEGRATION.collection, {"_id": {"$gt": after}}, sort=[("_id", 1)], limit=PAGE
            )
            done += sum([await self._seal(state_of(INTEGRATION, doc)) for doc in docs])
            if len(docs) < PAGE:
                break
            after = docs[-1]["_id"]
        return done

    async def _seal(self, integration: Integration) -> bool:
        meta = work_meta(integration.partner_id, "reseal")
        named = {"integration_id": integration.integration_id, "correlation_id": meta.correlation_id}
        with bound_contextvars(partner_id=integration.partner_id, **named):
            return await self._sealed(integration, meta)

    async def _sealed(self, integration: Integration, meta: Meta) -> bool:
        """The credentials, and the webhook's secret: each that an older key sealed."""
        id, webhook = integration.integration_id, integration.webhook
        changes: list[Change[Integration, StatusChanged]] = []
        if (before := integration.credentials) and (after := self._anew(integration, before)):
            changes.append(resealing(integration, before, after))
        if webhook is not None and (after := self._anew(integration, webhook.secret)):
            changes.append(resealing_secret(id, webhook.secret, after))
        if not changes:
            return False
        await self._engine.execute(changes, meta)
        _log.info("credentials sealed anew")
        return True

    def _anew(self, integration: Integration, before: Sealed) -> Sealed | None:
        """None: the newest key has sealed it, or none that is set has."""
        if self._vault.is_newest(before):
            return None
        owner = Owner(integration.partner_id, integration.integration_id)
        try:
            return self._vault.seal(owner, self._vault.unseal(owner, before))
        except CannotUnseal as error:
            _log.error("credentials cannot be read", error=error)
            return None
