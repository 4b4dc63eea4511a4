"""Customers here, their accounts in a simulated PSA, and people who edit both."""

from dataclasses import dataclass
from typing import Any

import httpx

from embedded.part import Part
from tests.component.partner import until
from tests.component.psa_desk import Heard, Importer
from tests.providers import FIELDS, Provider

QUICK = {"PSA__POLL_FASTEST_S": "1", "PSA__POLL_SLOWEST_S": "1", "PSA__POLL_HINTED_S": "0"}
"""Settings of psa-sync-svc with which nobody waits a minute for a poll."""


@dataclass(frozen=True)
class Linked:
    customer_id: str
    account_id: str


class BothSides:
    """One partner's integration with one simulated PSA."""

    def __init__(self, importer: Importer, provider: Provider, integration_id: str) -> None:
        self.importer, self.provider, self.integration_id = importer, provider, integration_id
        self._psa: Part = getattr(importer.desk, provider.name)

    @classmethod
    async def of(cls, importer: Importer, provider: Provider, **policies: str) -> "BothSides":
        integrates = {
            "autotask": importer.integrates,
            "connectwise": importer.integrates_connectwise,
            "halopsa": importer.integrates_halopsa,
        }
        integration_id = await integrates[provider.name]()
        answer = await importer.asks("PATCH", f"/integrations/{integration_id}", {"policies": policies})
        answer.raise_for_status()
        return cls(importer, provider, integration_id)

    async def imports(self, heard: Heard, account_id: str) -> Linked:
        imported = await heard.until_imported(await self.importer.imports(self.integration_id, account_id))
        return Linked(imported["customer"]["customer_id"], account_id)

    async def edits_here(self, linked: Linked, **fields: Any) -> None:
        (await self.importer.asks_customers("PATCH", f"/{linked.customer_id}", fields)).raise_for_status()

    async def edits_there(self, linked: Linked, **fields: Any) -> None:
        await self.controls("PATCH", f"/companies/{linked.account_id}", self.provider.given(fields))

    async def controls(self, method: str, path: str, body: Any = None) -> Any:
        """As a tester does, beside the PSA's API."""
        async with httpx.AsyncClient(base_url=self._psa.url, trust_env=False, timeout=30) as client:
            answer = (await client.request(method, path, json=body)).raise_for_status()
            return answer.json() if answer.content else None

    async def points_webhooks(self, **more: Any) -> None:
        """As the partner sets it up: a secret where the PSA needs one, and the address."""
        secret = ""
        if self.provider.name != "connectwise":
            made = await self.importer.asks("POST", f"/integrations/{self.integration_id}/webhook-secret")
            secret = made.raise_for_status().json()["secret"]
        url = f"{self.importer.desk.psa.url}/v1/webhooks/{self.integration_id}"
        await self.controls("PUT", "/webhook", {"url": url, "secret": secret, "retry_s": 1.0, **more})

    async def webhooks(self) -> list[dict[str, Any]]:
        """What was sent, oldest first."""
        found: list[dict[str, Any]] = (await self.controls("GET", "/webhook"))["sent"]
        return found

    async def until_webhooks_were_answered(self, *statuses: list[int]) -> None:
        async def were() -> bool:
            return [each["statuses"] for each in await self.webhooks()] == list(statuses)

        await until(were)

    async def here(self, linked: Linked) -> dict[str, Any]:
        customer = (await self.importer.asks_customers("GET", f"/{linked.customer_id}")).raise_for_status().json()
        return {name: customer.get(name) for name in FIELDS} | {"reference": customer["integration"]["reference"]}

    async def there(self, linked: Linked) -> dict[str, Any]:
        return self.provider.shown(await self.controls("GET", f"/companies/{linked.account_id}"))

    async def link(self, linked: Linked) -> dict[str, Any]:
        """Empty until psa-sync-svc has heard of it."""
        answer = await self.importer.asks("GET", f"/links/{linked.customer_id}")
        found: dict[str, Any] = {} if answer.status_code == 404 else answer.raise_for_status().json()
        return found

    async def until_both_have(self, linked: Linked, **fields: Any) -> None:
        async def both_have() -> bool:
            here, there = await self.here(linked), await self.there(linked)
            return all(here[name] == there[name] == value for name, value in fields.items())

        await until(both_have)

    async def until_link_is(self, linked: Linked, state: str) -> dict[str, Any]:
        found: dict[str, Any] = {}

        async def is_so() -> bool:
            found.update(await self.link(linked))
            return bool(found.get("state") == state)

        await until(is_so)
        return found
