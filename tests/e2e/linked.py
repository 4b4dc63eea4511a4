"""Customers of a running system, their accounts in a simulated PSA, and people who edit both, from outside."""

from typing import Any

import httpx

from tests.component.both_sides import Linked
from tests.component.partner import Partner, until
from tests.e2e.conftest import System
from tests.providers import Provider


class Integrated:
    """One partner's integration with one simulated PSA, which is reached from here and by the services at different
    addresses where they are in containers."""

    def __init__(self, system: System, partner: Partner, provider: Provider) -> None:
        self._system, self._partner, self.provider = system, partner, provider
        self.id = ""

    async def asks(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Of psa-sync-svc."""
        return await self._partner.asks_http(method, f"/v1{path}", body, of=self._system.endpoints["psa_sync_svc"])

    async def connects(self) -> str:
        name = self.provider.name
        body: dict[str, Any] = {"provider": name, "name": name, "base_url": self._system.psa(name)}
        body["credentials"] = {**self.provider.credentials}
        self.id = (await self.asks("POST", "/integrations", body)).raise_for_status().json()["integration_id"]
        return self.id

    async def imports(self, account_id: str) -> Linked:
        """Returns once it is a customer whose link both sides agree on."""
        order = {"integration_id": self.id, "account_id": account_id}
        asked = (await self.asks("POST", "/imports", order)).raise_for_status().json()
        found: dict[str, Any] = {}

        async def is_a_customer() -> bool:
            found.update((await self.asks("GET", f"/imports/{asked['request_id']}")).raise_for_status().json())
            assert found["status"] != "refused", found
            return bool(found["status"] == "imported")

        async def is_in_step() -> bool:
            answer = await self.asks("GET", f"/links/{found['customer_id']}")
            return bool(answer.is_success and answer.json()["state"] == "in_step")

        await until(is_a_customer)
        await until(is_in_step)
        return Linked(found["customer_id"], account_id)

    async def edits_here(self, linked: Linked, **fields: str) -> None:
        path = f"/v1/customers/{linked.customer_id}"
        (await self._partner.asks_http("PATCH", path, fields, of=self._partner.at.customers)).raise_for_status()

    async def edits_there(self, linked: Linked, **fields: str) -> None:
        await self._controls("PATCH", f"/companies/{linked.account_id}", self.provider.given(fields))

    async def until_there_is(self, linked: Linked, **fields: str) -> None:
        async def is_there() -> bool:
            row = await self._controls("GET", f"/companies/{linked.account_id}")
            return {name: self.provider.shown(row)[name] for name in fields} == fields

        await until(is_there)

    async def points_webhooks(self) -> None:
        """As the partner sets it up: a secret where the PSA needs one, and the address."""
        secret = ""
        if self.provider.name != "connectwise":
            made = await self.asks("POST", f"/integrations/{self.id}/webhook-secret")
            secret = made.raise_for_status().json()["secret"]
        url = f"{self._system.psa_sync_for_psas()}/v1/webhooks/{self.id}"
        await self._controls("PUT", "/webhook", {"url": url, "secret": secret, "retry_s": 1.0})

    async def webhooks(self) -> list[list[int]]:
        """What each was answered, oldest first."""
        return [each["statuses"] for each in (await self._controls("GET", "/webhook"))["sent"]]

    async def _controls(self, method: str, path: str, body: Any = None) -> Any:
        """As a person there does, beside the PSA's API. It is called by the name that the services know it by: a
        simulator that tells where its signing keys are has to tell that one."""
        outside, inside = self._system.endpoints["simulators"][self.provider.name], self._system.psa(self.provider.name)
        headers = {"Host": httpx.URL(inside).netloc.decode()}
        async with httpx.AsyncClient(base_url=outside, headers=headers, trust_env=False, timeout=30) as client:
            answer = (await client.request(method, path, json=body)).raise_for_status()
            return answer.json() if answer.content else None
