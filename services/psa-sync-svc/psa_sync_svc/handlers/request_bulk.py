"""Many accounts are to become customers: the wish is written down, and a worker makes the imports."""

from psa_sync_svc.aggregates import BULK_IMPORT, INTEGRATION
from psa_sync_svc.domain.bulk import BulkDecision, BulkImport, BulkProgressed, begin, cancel
from psa_sync_svc.domain.integration import living
from shared.engine.change import Change, Meta, Reads, Ref
from shared.engine.decision import no_such
from shared.engine.outbox import derived_id

BulkChange = Change[BulkImport, BulkProgressed]


def bulk_id_of(meta: Meta) -> str:
    """The same for a request that is repeated."""
    return derived_id(meta.identity, "bulk-import")


def request(wanted: BulkImport) -> BulkChange:
    integration = Ref(INTEGRATION, wanted.integration_id)

    def decide(known: BulkImport | None, reads: Reads) -> BulkDecision:
        if known is None and living(reads[integration], wanted.partner_id) is None:
            raise no_such("integration_id")
        return begin(known, wanted)

    return Change(BULK_IMPORT, wanted.bulk_id, decide, reads=(integration,), creation=True)


def cancelling(bulk_id: str, partner_id: str, actor: str) -> BulkChange:
    def decide(known: BulkImport | None, _reads: Reads) -> BulkDecision:
        if known is None or known.partner_id != partner_id:
            raise no_such("bulk_id")
        return cancel(known, reason=f"by {actor}")

    return Change(BULK_IMPORT, bulk_id, decide)
