"""An account of a PSA is to become a customer: the import is written down, and a worker reads the account."""

from collections.abc import Iterator

from psa_sync_svc.aggregates import IMPORT, INTEGRATION, import_id
from psa_sync_svc.domain.importing import Import, ImportFact, Origin, request
from psa_sync_svc.handlers.contract_fields import asked
from shared.contracts.psa import ImportCustomer
from shared.engine.change import Change, Meta, Reads, Ref
from shared.engine.decision import Decision
from shared.engine.outbox import derived_id


def request_id_of(command: ImportCustomer, meta: Meta) -> str:
    """The requester's own, or else the message's; a request over HTTP has no message id that anybody could know."""
    if command.request_id is not None:
        return command.request_id
    return meta.id if meta.position is not None else derived_id(meta.identity, "import")


def handle(command: ImportCustomer, meta: Meta) -> Iterator[Change[Import, ImportFact]]:
    request_id = request_id_of(command, meta)
    origin = Origin(meta.id, meta.actor, meta.correlation_id, meta.traceparent)
    wanted = Import(request_id, meta.partner_id, command.integration_id, command.account_id, asked(command), origin)
    integration = Ref(INTEGRATION, command.integration_id)

    def decide(known: Import | None, reads: Reads) -> Decision[Import, ImportFact]:
        return request(known, wanted, reads[integration])

    yield Change(IMPORT, import_id(meta.partner_id, request_id), decide, reads=(integration,), creation=True)
