"""Which customer is linked with which account is taken from every customer event, whatever its type, by version."""

from collections.abc import Iterator
from typing import Final

from psa_sync_svc.aggregates import LINK
from psa_sync_svc.domain.link import Link, know
from psa_sync_svc.handlers import close_import
from psa_sync_svc.handlers.contract_fields import link
from shared.contracts import topics
from shared.contracts.customers import CustomerCreated, CustomerEvent, CustomerImported
from shared.engine.change import Change, Meta, Reads
from shared.engine.decision import Decision

EVENTS: Final = tuple(message for message in topics.CUSTOMERS.messages if issubclass(message, CustomerEvent))


def handle(event: CustomerEvent, meta: Meta) -> Iterator[Change[Link, object] | close_import.ImportChange]:
    told, imported = link(event.customer), _made_from_its_account(event)

    def decide(known: Link | None, _reads: Reads) -> Decision[Link, object]:
        return know(known, told, imported=imported)

    yield Change(LINK, told.customer_id, decide, once=False)
    if isinstance(event, CustomerImported):
        yield from close_import.handle_imported(event, meta)


def _made_from_its_account(event: CustomerEvent) -> bool:
    match event:
        case CustomerCreated():
            return event.source == "import"
        case CustomerImported():
            return event.created
        case _:
            return False
