"""The envelopes of what this service's workers do."""

from datetime import UTC, datetime
from functools import partial
from typing import Final

from psa_sync_svc.domain.importing import Import
from shared.engine.change import Meta
from shared.engine.worker import work_meta as _work_meta

_SERVICE: Final = "psa-sync-svc"
work_meta: Final = partial(_work_meta, _SERVICE)
"""`work_meta(partner_id, job)`."""


def for_whom(import_: Import) -> Meta:
    """What becomes of an import is said in the chain of whoever asked for it."""
    origin = import_.origin
    return Meta(
        import_.partner_id,
        f"/{_SERVICE}/fetch",
        origin.message_id,
        "work fetch",
        datetime.now(UTC),
        origin.actor,
        origin.correlation_id,
        origin.traceparent,
    )
