"""customer-svc has the last word on an import that was answered: a customer, or a refusal."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, cast

from psa_sync_svc.aggregates import IMPORT, import_id
from psa_sync_svc.domain.importing import Import, ImportFact, close, refused_by_customers
from psa_sync_svc.handlers.contract_fields import refusal
from shared.contracts.answers import ImportRefused
from shared.contracts.customers import CustomerImported
from shared.engine.change import Change, Meta, Reads
from shared.engine.decision import Decision

OURS: Final = "/psa-sync-svc"
ImportChange = Change[Import, ImportFact]


def handle_imported(event: CustomerImported, _meta: Meta) -> Iterator[ImportChange]:
    customer = event.customer
    rule = partial(close, customer_id=customer.customer_id, created=event.created)
    yield _closing(customer.partner_id, event.request_id, rule)


def handle_refused(said: ImportRefused, meta: Meta) -> Iterator[ImportChange]:
    """What we said ourselves is known."""
    if meta.source != OURS:
        yield _closing(said.partner_id, said.request_id, partial(refused_by_customers, refusal=refusal(said)))


def _closing(partner_id: str, request_id: str, rule: Callable[[Import], Decision[Import, ImportFact]]) -> ImportChange:
    def decide(known: Import | None, _reads: Reads) -> Decision[Import, ImportFact]:
        return Decision(cast(Import, None)) if known is None else rule(known)

    return Change(IMPORT, import_id(partner_id, request_id), decide, once=False)
