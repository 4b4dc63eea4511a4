"""Customers that are linked, and the polls that watch their accounts."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from psa_sync_svc.domain.account import PsaAccount
from psa_sync_svc.domain.integration import Integration
from shared.contracts import customers
from shared.contracts.topics import CUSTOMERS
from shared.engine.change import Meta


def stamp(**ago: float) -> str:
    return (datetime.now(UTC) - timedelta(**ago)).isoformat().replace("+00:00", "Z")


def linked_customer(integration: Integration | str, account_id: str | None, version: int = 1, id: str = "") -> Any:
    integration_id = integration if isinstance(integration, str) else integration.integration_id
    link = {"integration_id": integration_id, "account_id": account_id, "link_version": 1}
    customer = {
        "customer_id": id or str(uuid4()),
        "partner_id": "harbour-it",
        "version": version,
        "status": "active",
        "company_name": "Wattle & Tide",
        "integration": link if account_id else None,
        "created_at": "2026-07-01T00:00:00Z",
        "updated_at": "2026-07-01T00:00:00Z",
    }
    event = customers.CustomerLinked if account_id else customers.CustomerUnlinked
    return event.model_validate({"customer": customer})


def imported_customer(integration: Integration, account: PsaAccount) -> Any:
    """As customer-svc makes one out of an account."""
    customer = linked_customer(integration, account.account_id).customer
    return customers.CustomerCreated(
        customer=customer.model_copy(update={"company_name": account.company_name}), source="import"
    )


def meta(partner: str = "harbour-it") -> Meta:
    id = str(uuid4())
    return Meta(partner, "/test", id, "test", datetime.now(UTC), "user:ann", id)


async def watched(service: Any, *account_ids: str) -> tuple[Integration, dict[str, str]]:
    """An integration whose list was read, with a customer linked with each of these accounts."""
    integration = await service.integrated()
    events = {account_id: linked_customer(integration, account_id) for account_id in account_ids}
    for event in events.values():
        await service.hear(CUSTOMERS, event)
    await service.work()
    await service.work()
    return integration, {account_id: event.customer.customer_id for account_id, event in events.items()}


async def next_poll(service: Any, clock: Any) -> None:
    clock.pass_(seconds=901)
    await service.workers["poll"].drain()
    await service.all_said()
