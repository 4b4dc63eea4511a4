"""The documents that this service keeps, what lists look for in them, and the work that each asks for."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from invoice_svc.domain.account import Account, Awaited
from invoice_svc.domain.counter import Counter
from invoice_svc.domain.facts import InvoiceFact
from invoice_svc.domain.invoice import Document, Invoice, Sending
from invoice_svc.domain.paying import may_grow_overdue, overdue_from
from invoice_svc.domain.settings import Settings
from invoice_svc.messages import invoice_message
from shared.engine.change import Due, Kind

RELEASE: Final = "release"
"""A customer whose held and waiting invoices have to be looked at."""
HELD: Final = "held"
WAITING: Final = "waiting"
DELIVER: Final = "deliver"
FINALIZE: Final = "finalize"
"""An invoice that was left without its number."""
NUMBERS: Final = "numbers"
"""A counter whose numbers may have reached their invoices without being forgotten."""
OVERDUE: Final = "overdue"

GRACE: Final = timedelta(seconds=10)
"""How long whoever began something has to end it, before a sweep does."""
SOON: Final = timedelta(seconds=1)
"""When a wait is looked at again by itself: the version that it waits for may be on its way."""


def _account_work(account: Account) -> Iterator[Due]:
    if account.release_due is not None:
        yield Due(RELEASE, account.customer_id)


def _invoice_work(invoice: Invoice) -> Iterator[Due]:
    customer_id, delivery = invoice.customer_id, invoice.delivery
    if invoice.waiting:
        yield Due(WAITING, customer_id, _after(invoice.updated_at, SOON))
    elif invoice.document is Document.FINALIZING:
        yield Due(FINALIZE, customer_id, _after(invoice.updated_at))
    elif delivery.state is Sending.HELD:
        yield Due(HELD, customer_id, _after(invoice.updated_at))
    elif delivery.state in (Sending.QUEUED, Sending.SENDING):
        yield Due(DELIVER, customer_id, datetime.fromisoformat(delivery.due_at) if delivery.due_at else None)
    if invoice.due_date is not None and may_grow_overdue(invoice):
        yield Due(OVERDUE, customer_id, overdue_from(invoice.due_date, invoice.time_zone))


def _counter_work(counter: Counter) -> Iterator[Due]:
    if counter.drawn:
        yield Due(NUMBERS, "", _after(counter.drawn[0].at))


def _after(stamp: str, pause: timedelta = GRACE) -> datetime | None:
    return datetime.fromisoformat(stamp) + pause if stamp else None


def _looked_for(invoice: Invoice) -> dict[str, Any]:
    """`order`: by time of creation, each invoice at a place of its own."""
    return {
        "order": f"{invoice.created_at}|{invoice.invoice_id}",
        "customer_id": invoice.customer_id,
        "delivery": invoice.delivery.state.value,
        "document": invoice.document.value,
    }


INVOICE: Final[Kind[Invoice, InvoiceFact]] = Kind(
    "invoices", Invoice, tell=invoice_message, index=_looked_for, work=_invoice_work, id_name="invoice_id"
)
ACCOUNT: Final[Kind[Account, object]] = Kind("accounts", Account, work=_account_work, id_name="customer_id")
AWAITED: Final[Kind[Awaited, object]] = Kind("awaited", Awaited, id_name="customer_id")
SETTINGS: Final[Kind[Settings, object]] = Kind("settings", Settings, id_name="partner_id")
COUNTER: Final[Kind[Counter, object]] = Kind("counters", Counter, work=_counter_work, id_name="partner_id")
KINDS: Final = (INVOICE, ACCOUNT, AWAITED, SETTINGS, COUNTER)
INDEXES: Final = (
    ("invoices", "partner_id", "q.order"),
    ("invoices", "partner_id", "q.customer_id", "q.order"),
    ("open_work", "job", "due_at"),
    ("open_work", "job", "customer_id", "_id"),
)


def awaited_id(partner_id: str, customer_id: str) -> str:
    """Partners' ids have no `|`, so no two waits meet in one document."""
    return f"{partner_id}|{customer_id}"
