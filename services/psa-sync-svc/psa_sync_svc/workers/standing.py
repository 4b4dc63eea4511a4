"""Whether an integration may still be called, looked at just before each request: refused credentials stop all of them,
in whichever instance, since the PSA locks accounts."""

from psa_sync_svc.aggregates import INTEGRATION
from psa_sync_svc.domain.integration import living
from psa_sync_svc.workers.psa import AuthFailed, Connection, NotAsked, Purpose
from shared.engine.document import state_of
from shared.engine.ports import Documents


class Standing:
    def __init__(self, store: Documents) -> None:
        self._store = store

    async def __call__(self, connection: Connection) -> None:
        """Raises `AuthFailed`, but for a person's test, and `NotAsked` where there are newer credentials or an address
        by now. One that is just being made, and so not stored yet, may be called."""
        doc = await self._store.get(INTEGRATION.collection, connection.integration_id)
        if doc is None:
            return
        present = living(state_of(INTEGRATION, doc), connection.partner_id)
        if present is None or present.connection != connection.number:
            raise NotAsked("the integration was changed meanwhile")
        if not present.callable_by_ourselves and connection.purpose is not Purpose.TEST:
            raise AuthFailed(present.detail or "the PSA does not take the credentials")
