"""Each event of a customer becomes one entry of its timeline; a repeat finds its entry there."""

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from customer_svc.aggregates import TIMELINE
from customer_svc.domain.timeline import Entry, FieldChange, enter
from shared.contracts import customers
from shared.contracts.customers import CustomerEvent
from shared.engine.change import Change, Meta

_ORDER: Final[tuple[type[CustomerEvent], ...]] = (
    customers.CustomerCreated,
    customers.CustomerUpdated,
    customers.CustomerUnlinked,
    customers.CustomerLinked,
    customers.EmailConfigured,
    customers.EmailMissing,
    customers.PaymentTermsChanged,
    customers.CustomerDisabled,
    customers.CustomerEnabled,
    customers.CustomerArchived,
    customers.CustomerImported,
)
_RANK: Final = {event: rank for rank, event in enumerate(_ORDER)}


def entry_id(event: CustomerEvent, event_id: str) -> str:
    """Sorts as it happened: by version, and within one command in the order in which its events are said."""
    customer = event.customer
    return f"{customer.customer_id}/{customer.version:010d}/{_RANK[type(event)]:02d}/{event_id}"


def handle(event: CustomerEvent, meta: Meta) -> Iterator[Change[Entry, object]]:
    customer = event.customer
    told = event.model_dump(mode="json")
    entry = Entry(
        entry_id=entry_id(event, meta.id),
        customer_id=customer.customer_id,
        customer_version=customer.version,
        event=type(event).__name__,
        at=meta.stamp if isinstance(event, customers.CustomerImported) else customer.updated_at,
        actor=meta.actor,
        correlation_id=meta.correlation_id,
        source=told.get("source"),
        reason=told.get("reason"),
        changes=tuple(_changes(event, told)),
    )
    yield Change(TIMELINE, entry.entry_id, lambda known, _reads: enter(known, entry), once=False)


def _changes(event: CustomerEvent, told: dict[str, Any]) -> Iterator[FieldChange]:
    now = partial(_value, told["customer"])
    match event:
        case customers.CustomerUpdated():
            yield from (FieldChange(name, now(name)) for name in event.changed)
        case customers.CustomerCreated():
            names = (name for name in customers.CustomerFields.model_fields if now(name) not in (None, []))
            yield from (FieldChange(name, now(name)) for name in names)
        case customers.EmailConfigured():
            yield FieldChange("email", now("email"))
        case customers.PaymentTermsChanged():
            yield FieldChange("payment_terms", told["current"], told["previous"])
        case customers.CustomerLinked():
            yield FieldChange("integration", now("integration"))


def _value(customer: dict[str, Any], name: str) -> Any:
    if name == "reference":
        return (customer["integration"] or {}).get("reference")
    return customer.get(name)


EVENTS: Final = _ORDER
