"""customer-svc, as this service hears it, and what the tests of syncing ask of the service."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from psa_sync_svc.aggregates import LINK
from psa_sync_svc.domain.account import PsaAccount
from psa_sync_svc.domain.link import Link
from shared.contracts import customers
from shared.contracts.topics import CUSTOMERS, PSA

PARTNER = "harbour-it"


class Office:
    """customer-svc, as this service hears it: one customer, linked with the account 4711."""

    def __init__(self, service: Any, integration: Any, *, imported: bool = True, **fields: Any) -> None:
        self.service, self.integration = service, integration
        self.id, self.version, self.linked, self.link_version = str(uuid4()), 0, True, 1
        self.partner_id = integration.partner_id
        self.imported = imported
        self.fields: dict[str, Any] = {
            "company_name": "Wattle & Tide",
            "contact_number": "+61895550142",
            "company_address": {
                "line1": "14 Wharf Street",
                "city": "Fremantle",
                "region": "WA",
                "postal_code": "6160",
                "country": "AU",
            },
            "reference": "AT-4711",
            **fields,
        }

    async def begins(self) -> "Office":
        await self._say(customers.CustomerCreated, source="import" if self.imported else "manual")
        return self

    async def edits(self, source: str = "portal", **fields: Any) -> None:
        self.fields |= fields
        await self._say(customers.CustomerUpdated, changed=tuple(fields), source=source)

    async def unlinks(self) -> None:
        self.linked = False
        await self._say(customers.CustomerUnlinked)

    async def _say(self, event: Any, **more: Any) -> None:
        self.version += 1
        fields = dict(self.fields)
        link = {
            "integration_id": self.integration.integration_id,
            "account_id": "4711",
            "reference": fields.pop("reference"),
            "link_version": self.link_version,
        }
        customer = {
            "customer_id": self.id,
            "partner_id": self.partner_id,
            "version": self.version,
            "status": "active",
            "integration": link if self.linked else None,
            "created_at": "2026-07-01T00:00:00Z",
            "updated_at": f"2026-07-01T00:00:{self.version:02d}Z",
            **fields,
        }
        await self.service.hear(CUSTOMERS, event.model_validate({"customer": customer, **more}))

    @property
    async def link(self) -> Link:
        found: Link = await self.service.engine.read(LINK, self.id)
        return found


async def an_office(service: Any, *, imported: bool = True, **fields: Any) -> Office:
    """Its list is read, and nothing of that is counted."""
    service.has()
    integration = await service.integrated()
    office = await Office(service, integration, imported=imported, **fields).begins()
    await service.workers["mirror"].drain()
    await service.workers["poll"].drain()
    service.psa.calls.clear()
    return office


def said(service: Any, name: str) -> list[dict[str, Any]]:
    return [data for told, data in service.said(PSA) if told == name]


def there(service: Any) -> PsaAccount:
    found: PsaAccount = service.psa.accounts_there["4711"]
    return found


async def in_step(service: Any) -> None:
    await service.workers["sync"].drain()
    await service.all_said()


async def differing(service: Any, office: Office, **theirs: Any) -> None:
    """Both sides have changed these fields, ours to "Ours"."""
    service.psa.accounts_there["4711"] = replace(there(service), **theirs)
    await office.edits(**dict.fromkeys(theirs, "Ours"))
    await in_step(service)
