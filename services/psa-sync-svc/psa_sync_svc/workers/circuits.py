"""Counts in the store, for all instances, which integrations do not answer, and lets their work pause and go on."""

from collections.abc import Callable
from typing import Final

import structlog
from pydantic import TypeAdapter

from psa_sync_svc.domain.circuit import Circuit, Pauses, admit, fail
from psa_sync_svc.domain.integration import Checked, Integration, Status
from psa_sync_svc.handlers.change_integration import noticing
from psa_sync_svc.workers.envelope import work_meta
from shared.engine.engine import Engine
from shared.engine.errors import Unavailable
from shared.engine.leases import now_ms

CIRCUITS: Final = "circuits"
_CIRCUIT: Final = TypeAdapter(Circuit)
_log = structlog.get_logger(__name__)

Rule = Callable[[Circuit], tuple[Circuit, int]]


class Circuits:
    """A document each, only while there is trouble: an integration that answers has none, and a call of it costs one
    look. Not through the engine, since nothing of it is said; that the integration is unreachable is."""

    def __init__(self, engine: Engine, pauses: Pauses) -> None:
        self._engine, self._store, self._pauses = engine, engine.store, pauses
        self._troubled: set[str] = set()
        """Those of which this process knows that they failed last."""

    async def admit(self, integration: Integration) -> float:
        """How many seconds work that nobody waits for has to pause; 0: it may call."""
        doc = await self._store.get(CIRCUITS, integration.integration_id)
        if doc is None or _CIRCUIT.validate_python(doc["state"]).connection != integration.connection:
            self._troubled.discard(integration.integration_id)
            return 0.0
        self._troubled.add(integration.integration_id)
        _, wait_ms = await self._change(integration, lambda known: admit(known, self._pauses, now_ms()))
        return wait_ms / 1000

    async def failed(self, integration: Integration, checked: Checked) -> None:
        """The PSA gave no answer. `checked`: what it is told of where this begins a pause."""
        self._troubled.add(integration.integration_id)
        try:
            circuit, began = await self._change(integration, self._fail)
            if began:
                _log.warning("paused", integration_id=integration.integration_id, pauses=circuit.pauses)
            if circuit.open:
                await self._note(integration, checked)
        except Unavailable as error:
            _log.warning("a failure was not counted", integration_id=integration.integration_id, error=error)

    async def answered(self, integration: Integration, checked: Checked | None = None) -> None:
        """The PSA is there. `checked`: and the call went well."""
        id = integration.integration_id
        unknown = integration.status is Status.UNREACHABLE
        if not unknown and id not in self._troubled:
            return
        try:
            if checked is not None and unknown:
                await self._note(integration, checked)
            if await self._store.delete_if(CIRCUITS, id, {"state.connection": integration.connection}):
                await self._engine.jobs.hasten(id)
            self._troubled.discard(id)
        except Unavailable as error:
            _log.warning("an answer was not noted", integration_id=id, error=error)

    async def resume(self, integration: Integration) -> None:
        """A person changed or tested it: what waited for it is due now."""
        await self._store.delete_if(CIRCUITS, integration.integration_id, {})
        await self._engine.jobs.hasten(integration.integration_id)

    def _fail(self, known: Circuit) -> tuple[Circuit, int]:
        after = fail(known, self._pauses, now_ms())
        return after, after.pauses - known.pauses

    async def _note(self, integration: Integration, checked: Checked) -> None:
        await self._engine.execute([noticing(integration, checked)], work_meta(integration.partner_id, "circuit"))

    async def _change(self, integration: Integration, rule: Rule) -> tuple[Circuit, int]:
        """What is known of an older connection counts no more, and a newer one's is left alone."""
        id = integration.integration_id
        fresh = Circuit(id, integration.partner_id, integration.connection)
        while True:
            doc = await self._store.get(CIRCUITS, id)
            known = _CIRCUIT.validate_python(doc["state"]) if doc else fresh
            if known.connection > integration.connection:
                return known, 0
            before = known if known.connection == integration.connection else fresh
            after, answer = rule(before)
            if after == known:
                return after, answer
            rev = doc["rev"] if doc else 0
            new = {"_id": id, "partner_id": integration.partner_id, "rev": rev + 1}
            new["state"] = _CIRCUIT.dump_python(after, mode="json")
            if doc is None and await self._store.insert(CIRCUITS, new):
                return after, answer
            if doc is not None and await self._store.replace_if(CIRCUITS, id, {"rev": rev}, new):
                return after, answer
