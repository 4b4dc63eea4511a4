"""A partner settles what holds for all its invoices."""

from collections.abc import Iterator

from invoice_svc.aggregates import SETTINGS
from invoice_svc.domain.settings import Settings, put_settings
from shared.engine.change import Change, Meta, Reads
from shared.engine.decision import Decision


def handle(wanted: Settings, meta: Meta, *, expected_version: int | None) -> Iterator[Change[Settings, object]]:
    def decide(known: Settings | None, _reads: Reads) -> Decision[Settings, object]:
        return put_settings(known, wanted, expected=expected_version)

    yield Change(SETTINGS, meta.partner_id, decide)
