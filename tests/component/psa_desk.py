"""psa-sync-svc, customer-svc and the simulated PSAs as processes, and a partner who imports its accounts."""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from aiokafka import AIOKafkaProducer

from embedded.part import Part
from embedded.stack import Stack
from ops.identity import Identity, identity_in
from shared.contracts.topics import ANSWERS, CUSTOMERS, PSA, PSA_COMMANDS
from tests.component.partner import until
from tests.component.process import a_service
from tests.component.records import LIMIT_S, Reader, a_command, ce_type
from tests.providers import OF
from tests.simulated import a_simulator


@dataclass(frozen=True)
class Desk:
    """Each part may be killed and launched again. `psas`: the instances of psa-sync-svc."""

    identity: Identity
    customers: Part
    psas: tuple[Part, ...]
    autotask: Part
    connectwise: Part
    halopsa: Part

    @property
    def psa(self) -> Part:
        return self.psas[0]

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self.autotask, self.connectwise, self.halopsa, self.customers, *self.psas)


@contextmanager
def a_desk(stack: Stack, home: Path, accounts: int | None = None, instances: int = 1, /, **more: str) -> Iterator[Desk]:
    """Launched; each PSA has so many accounts; `instances` and `more`, which are settings, are psa-sync-svc's. All have
    ended after it, so that others may join the groups."""
    prefix, identity = f"t{uuid.uuid4().hex[:8]}_", identity_in(home)
    told = {
        "PSA__ENCRYPTION_KEY": identity.encryption_key,
        "PSA__ALLOW_PRIVATE_ADDRESSES": "true",
        "PSA__CALL_LIMIT_S": "5",
        **more,
    }
    psas = tuple(a_service("psa-sync-svc", stack, prefix, home, **told) for _ in range(instances))
    customers = a_service("customer-svc", stack, prefix, home)
    simulators = (a_simulator(name, home, accounts=accounts) for name in ("autotask", "connectwise", "halopsa"))
    desk = Desk(identity, customers, psas, *simulators)
    try:
        for part in desk.parts:
            part.launch()
        yield desk
    finally:
        for part in desk.parts:
            part.ask_to_end()
        for part in desk.parts:
            part.await_end()


class Heard:
    """What was said of imports, on all topics where that may be."""

    def __init__(self, servers: str) -> None:
        self.customers, self.answers, self.psa = (Reader(servers, each.name) for each in (CUSTOMERS, ANSWERS, PSA))

    @property
    def readers(self) -> tuple[Reader, ...]:
        return self.customers, self.answers, self.psa

    async def until_imported(self, request_id: str) -> dict[str, Any]:
        return await _until_told(self.customers, "CustomerImported", request_id)

    async def until_refused(self, request_id: str) -> dict[str, Any]:
        return await _until_told(self.answers, "ImportRefused", request_id)

    async def until_answered(self, request_id: str) -> dict[str, Any]:
        return await _until_told(self.psa, "ImportAnswered", request_id)

    def told(self, reader: Reader, name: str, request_id: str) -> list[dict[str, Any]]:
        return _told(reader.records, name, request_id)


def _told(records: list[Any], name: str, request_id: str) -> list[dict[str, Any]]:
    """What was said under this name about this request; a repeat, which has the same id, counts once."""
    found = {dict(each.headers)["ce_id"]: json.loads(each.value) for each in records if ce_type(each) == name}
    return [data for data in found.values() if data.get("request_id") == request_id]


async def _until_told(reader: Reader, name: str, request_id: str) -> dict[str, Any]:
    return _told(await reader.until(lambda records: bool(_told(records, name, request_id))), name, request_id)[0]


@dataclass
class Importer:
    """One tenant with a token of its own."""

    desk: Desk
    producer: AIOKafkaProducer
    id: str

    async def __aenter__(self) -> "Importer":
        headers = {"Authorization": f"Bearer {self.desk.identity.token(self.id)}"}
        self._client = httpx.AsyncClient(headers=headers, timeout=LIMIT_S, trust_env=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def asks(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Of psa-sync-svc."""
        return await self._client.request(method, f"{self.desk.psa.url}/v1{path}", json=body)

    async def asks_customers(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Of customer-svc."""
        return await self._client.request(method, f"{self.desk.customers.url}/v1/customers{path}", json=body)

    async def integrates(self, **credentials: str) -> str:
        """The id of a new integration with the simulated Autotask."""
        return await self._integrates("autotask", self.desk.autotask, {**OF["autotask"].credentials, **credentials})

    async def integrates_connectwise(self) -> str:
        return await self._integrates("connectwise", self.desk.connectwise, OF["connectwise"].credentials)

    async def integrates_halopsa(self) -> str:
        return await self._integrates("halopsa", self.desk.halopsa, OF["halopsa"].credentials)

    async def _integrates(self, provider: str, simulator: Part, credentials: Mapping[str, str]) -> str:
        body = {"provider": provider, "name": provider, "base_url": simulator.url, "credentials": {**credentials}}
        made = (await self.asks("POST", "/integrations", body)).raise_for_status().json()
        return str(made["integration_id"])

    async def imports(self, integration_id: str, account_id: str, **data: Any) -> str:
        """Over the topic; answers the request's id."""
        request_id = str(uuid.uuid4())
        command = {
            "partner_id": self.id,
            "integration_id": integration_id,
            "account_id": account_id,
            "request_id": request_id,
            **data,
        }
        await self.producer.send_and_wait(
            PSA_COMMANDS.name,
            json.dumps(command).encode(),
            key=f"{integration_id}/{account_id}".encode(),
            headers=a_command("ImportCustomer", str(uuid.uuid4())),
        )
        return request_id

    async def sees_import(self, request_id: str, *statuses: str) -> dict[str, Any]:
        """The import, once it is one of these."""
        found: dict[str, Any] = {}

        async def is_there() -> bool:
            answer = await self.asks("GET", f"/imports/{request_id}")
            found.update(answer.json())
            return answer.status_code == 200 and found["status"] in statuses

        await until(is_there)
        return found

    async def accounts(self, integration_id: str, **params: str) -> list[dict[str, Any]]:
        url = f"{self.desk.psa.url}/v1/integrations/{integration_id}/accounts"
        return list((await self._client.get(url, params=params)).raise_for_status().json()["items"])

    async def calls(self, endpoint: str) -> list[dict[str, Any]]:
        """What the simulator was asked."""
        url = f"{self.desk.autotask.url}/calls"
        return list((await self._client.get(url, params={"endpoint": endpoint})).raise_for_status().json())
