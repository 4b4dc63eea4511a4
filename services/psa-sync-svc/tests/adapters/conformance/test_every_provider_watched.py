"""An edit in each PSA is noticed: by a poll, at once by its webhook, and by the daily comparison if both missed it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from psa_sync_svc.domain.integration import Integration
from psa_sync_svc.handlers import mirroring
from psa_sync_svc.workers.envelope import work_meta
from shared.contracts import customers
from shared.contracts.topics import CUSTOMERS, PSA

from .providers import PARTNER


@dataclass
class Scene:
    """An account there, and the customer that was made out of it: both sides are in step."""

    service: Any
    clock: Any
    provider: Any
    simulator: Any
    integration: Integration
    account_id: str

    def edit(self, **ours: Any) -> None:
        self.simulator.edit(self.account_id, self.provider.fields(**ours))

    async def polled(self) -> None:
        self.clock.pass_(seconds=901)
        await self.service.workers["poll"].drain()
        await self.service.all_said()

    def names(self) -> list[Any]:
        """What the customer's name is to become, as it was said."""
        said = [data["changes"] for name, data in self.service.said(PSA) if name == "AccountChanged"]
        return [each["company_name"]["to"] for each in said if "company_name" in each]

    def standings(self) -> list[Any]:
        said = [data for name, data in self.service.said(PSA) if name == "AccountStandingChanged"]
        return [(data["account_id"], data["standing"]) for data in said]


@pytest.fixture
async def scene(service: Any, clock: Any, integration: Integration, account_id: str, request: Any) -> Scene:
    provider, simulator = request.getfixturevalue("provider"), request.getfixturevalue("simulator")
    await link(service, integration, account_id)
    return Scene(service, clock, provider, simulator, integration, account_id)


async def link(service: Any, integration: Integration, account_id: str) -> str:
    id = str(uuid4())
    address = {"line1": "1 Old Road", "city": "Old Town"}
    customer = {
        "customer_id": id,
        "partner_id": PARTNER,
        "version": 1,
        "status": "active",
        "company_name": "Before",
        "contact_number": "+31207946150",
        "company_address": address,
        "integration": {
            "integration_id": integration.integration_id,
            "account_id": account_id,
            "link_version": 1,
            "reference": "OLD",
        },
        "created_at": "2026-07-01T00:00:00Z",
        "updated_at": "2026-07-01T00:00:00Z",
    }
    made = customers.CustomerCreated.model_validate({"customer": customer, "source": "import"})
    await service.hear(CUSTOMERS, made)
    for _ in range(2):
        await service.work()
    return id


class Door:
    """The service's routes at an address of this machine; `next` awaits the status of the next webhook."""

    def __init__(self, app: FastAPI, url: str) -> None:
        self._app, self.url = app, url
        self._statuses: asyncio.Queue[int] = asyncio.Queue()

    async def next(self) -> int:
        async with asyncio.timeout(20):
            return await self._statuses.get()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noted(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.start" and "/webhooks/" in scope["path"]:
                self._statuses.put_nowait(message["status"])

        await self._app(scope, receive, noted)


@pytest.fixture
async def door(app: FastAPI) -> AsyncIterator[Door]:
    """Whoever comes before it is served waits in the socket."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        door = Door(app, f"http://127.0.0.1:{listening.getsockname()[1]}")
        server = uvicorn.Server(uvicorn.Config(door, log_level="warning", lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield door
        server.should_exit = True
        await serving


async def point(door: Door, scene: Scene, **more: Any) -> None:
    """As the partner sets it up: a secret where the PSA needs one, and the address."""
    secret, id = "", scene.integration.integration_id
    if scene.provider.name != "connectwise":
        async with httpx.AsyncClient(base_url=door.url, trust_env=False) as client:
            secret = (await client.post(f"/v1/integrations/{id}/webhook-secret")).json()["secret"]
    wanted = {"url": f"{door.url}/v1/webhooks/{id}", "secret": secret, "retry_s": 0.0, **more}
    scene.simulator.asks("PUT", "/webhook", wanted)


@pytest.fixture(autouse=True)
def _quiet(simulator: Any) -> Any:
    yield
    simulator.asks("DELETE", "/webhook")


async def test_an_edit_there_is_noticed_by_a_poll_and_said_once(scene: Scene) -> None:
    assert scene.names() == []
    scene.edit(name="Łódź & Søn 🥐")

    for _ in range(3):
        await scene.polled()

    assert scene.names() == ["Łódź & Søn 🥐"]


async def test_a_poll_makes_no_more_calls_than_the_whole_list(scene: Scene) -> None:
    """Those of a PSA that lists changes only are fewer."""
    scene.edit(name="After")
    await scene.polled()
    counts = []

    scene.simulator.asks("DELETE", "/calls")
    await scene.polled()
    counts.append(len(scene.simulator.calls()))
    scene.simulator.asks("DELETE", "/calls")
    await scene.service.engine.execute([mirroring.wanting(scene.integration)], work_meta(PARTNER, "test"))
    await scene.service.workers["mirror"].drain()
    counts.append(len(scene.simulator.calls()))

    assert 0 < counts[0] <= counts[1]
    assert counts[0] < counts[1] or scene.provider.name == "halopsa"


async def test_with_a_webhook_the_account_is_read_at_once_and_no_list(scene: Scene, door: Door) -> None:
    await point(door, scene)
    before = (await scene.service.watch(scene.integration)).wanted

    scene.edit(name="Søn & Ø 'quoted' 🥐")
    status = await door.next()
    await scene.service.workers["sync"].drain()
    await scene.service.all_said()

    assert status == 200
    assert scene.names() == ["Søn & Ø 'quoted' 🥐"]
    assert (await scene.service.watch(scene.integration)).wanted == before


async def test_a_new_account_that_nobody_is_linked_with_makes_a_poll_due(scene: Scene, door: Door) -> None:
    await point(door, scene)
    provider, service = scene.provider, scene.service

    made = scene.simulator.asks("POST", "/companies", {**provider.new, **provider.numbered(77)})
    status = await door.next()
    scene.clock.pass_(seconds=6)
    await service.workers["poll"].drain()

    key = f"{PARTNER}|{scene.integration.integration_id}|{made['id']}"
    assert status == 200
    assert len(await service.store.find("accounts", {"_id": key})) == 1
    scene.simulator.asks("DELETE", f"/companies/{made['id']}")


async def test_a_webhook_that_somebody_sends_again_is_refused_where_the_vendor_signs(scene: Scene, door: Door) -> None:
    await point(door, scene, attempts=1)
    scene.edit(name="After")
    first = await door.next()

    scene.simulator.asks("POST", "/webhook/again")

    assert (first, await door.next()) == (200, 200 if scene.provider.name == "halopsa" else 401)


async def test_a_webhook_under_another_secret_or_key_is_refused(scene: Scene, door: Door) -> None:
    wrong = {"secret": "not the one that was made", "key_url": f"{door.url}/openapi.json"}
    await point(door, scene, attempts=1, **wrong)

    scene.edit(name="After")

    assert await door.next() == 401
    await scene.service.workers["sync"].drain()
    assert scene.names() == []


async def test_what_polls_and_webhooks_missed_is_found_by_comparing_the_whole_list(scene: Scene) -> None:
    """A deleted account is in no list of changes, and here no webhook tells of it."""
    provider, simulator = scene.provider, scene.simulator
    made = simulator.asks("POST", "/companies", {**provider.new, **provider.numbered(78)})
    await link(scene.service, scene.integration, str(made["id"]))
    simulator.asks("DELETE", f"/companies/{made['id']}")
    await scene.polled()
    assert scene.standings() == []

    await scene.service.engine.execute([mirroring.wanting(scene.integration)], work_meta(PARTNER, "test"))
    await scene.service.work()

    assert scene.standings() == [(str(made["id"]), "gone")]


async def test_an_account_that_is_switched_off_there_is_noticed_by_a_poll(scene: Scene) -> None:
    scene.simulator.edit(scene.account_id, scene.provider.inactive)

    await scene.polled()

    assert scene.standings() == [(scene.account_id, "inactive")]
