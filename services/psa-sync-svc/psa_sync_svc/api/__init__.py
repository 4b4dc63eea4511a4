"""The routes of psa-sync-svc: integrations, accounts, imports (one, or many at once), links, conflicts and webhooks."""

from fastapi import APIRouter

from psa_sync_svc.api import (
    accounts,
    bulk_imports,
    conflicts,
    imports,
    integrations,
    links,
    preview,
    status,
    webhooks,
)
from psa_sync_svc.settings import PsaSettings
from psa_sync_svc.workers.asking import Asking
from psa_sync_svc.workers.hearing import Hearing
from psa_sync_svc.workers.marking import Marking
from shared.engine.engine import Engine


def router(
    engine: Engine, asking: Asking, settings: PsaSettings, hearing: Hearing, *, public_url: str | None = None
) -> APIRouter:
    """The table of routes. `public_url`: where PSAs reach this service, as partners are told."""
    found = APIRouter(prefix="/v1", tags=["psa"])
    integrations.add(found, integrations.Integrations(engine, asking, limit_s=settings.interactive_limit_s))
    status.add(found, status.Statuses(engine))
    lists, marking = accounts.AccountLists(engine, asking, settings), Marking(engine.store, settings.default_region)
    accounts.add(found, lists)
    preview.add(found, preview.Preview(engine, lists, marking))
    bulk_imports.add(found, bulk_imports.BulkImports(engine, lists))
    imports.add(found, imports.Imports(engine))
    links.add(found, links.Links(engine))
    conflicts.add(found, conflicts.Conflicts(engine, settings.default_region))
    webhooks.add(found, webhooks.WebhookDoor(engine, asking.vault, hearing, public_url=public_url))
    return found
