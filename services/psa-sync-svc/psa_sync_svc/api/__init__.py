"""The routes of psa-sync-svc: integrations, their accounts, imports; and conflicts, of which there are none yet."""

from fastapi import APIRouter

from psa_sync_svc.api import accounts, conflicts, imports, integrations
from psa_sync_svc.settings import PsaSettings
from psa_sync_svc.workers.asking import Asking
from shared.engine.engine import Engine


def router(engine: Engine, asking: Asking, settings: PsaSettings) -> APIRouter:
    """The table of routes."""
    found = APIRouter(prefix="/v1", tags=["psa"])
    integrations.add(found, integrations.Integrations(engine, asking, limit_s=settings.interactive_limit_s))
    accounts.add(found, accounts.AccountLists(engine, asking, settings))
    imports.add(found, imports.Imports(engine))
    conflicts.add(found)
    return found
