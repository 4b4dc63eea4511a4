"""What calls made for another reason tell of an integration's credentials, kept at it as soon as it is known."""

from psa_sync_svc.domain.importing import Code
from psa_sync_svc.domain.integration import Checked, Integration
from psa_sync_svc.handlers.change_integration import noticing
from psa_sync_svc.workers.asking import InTrouble, fails, works
from psa_sync_svc.workers.envelope import work_meta
from shared.engine.change import Cause
from shared.engine.engine import Engine


class Noting:
    """Silence is not told here: the circuit counts it (`circuits.py`)."""

    def __init__(self, engine: Engine, job: str) -> None:
        self._engine, self._job = engine, job

    async def works(self, integration: Integration, cause: Cause | None = None) -> None:
        await self._note(integration, works(integration), cause)

    async def refused(self, integration: Integration, trouble: InTrouble, cause: Cause | None = None) -> None:
        """Where it was the credentials, nobody calls with them any more, whoever comes in between."""
        if trouble.code is Code.AUTH_FAILED:
            await self._note(integration, fails(integration, trouble), cause)

    async def _note(self, integration: Integration, checked: Checked, cause: Cause | None) -> None:
        meta = work_meta(integration.partner_id, self._job, cause)
        await self._engine.execute([noticing(integration, checked)], meta)
