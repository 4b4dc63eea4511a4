"""A service starts before what it needs is there, says so, and ends within its time whatever hangs."""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import httpx
import pytest

from embedded.datadir import DataDir
from embedded.part import Part
from embedded.ports import LOOPBACK, free_port
from embedded.servers import document_store, kafka
from embedded.stack import Stack, quiet
from ops.identity import identity_in
from shared.contracts.topics import CUSTOMERS
from tests.component.partner import until
from tests.component.process import a_service, ready, silent
from tests.component.records import Reader, topics_that_lead
from tests.providers import OF
from tests.simulated import a_simulator

pytestmark = pytest.mark.embedded
ENDS_WITHIN_S = 25
SERVICES = ("customer-svc", "invoice-svc", "psa-sync-svc")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of its own, with its topics, whose parts may be stopped and killed."""
    data = DataDir(tmp_path_factory.mktemp("own"))
    stack = Stack(kafka(data, quiet), document_store(data, quiet))
    try:
        for part in stack.parts:
            part.start()
        asyncio.run(topics_that_lead(stack.bootstrap_servers))
        yield stack
    finally:
        for part in stack.parts:
            part.kill()
        data.release()


@pytest.fixture
def launched(own: Stack, tmp_path: Path) -> Iterator[Callable[..., Part]]:
    """Launches a service, and ends it after the test whatever became of it."""
    parts: list[Part] = []

    def launch(name: str, **more: str) -> Part:
        part = a_service(name, own, f"t{uuid.uuid4().hex[:8]}_", tmp_path, **_told(name, tmp_path), **more)
        parts.append(part)
        part.launch()
        return part

    yield launch
    for part in parts:
        part.kill()


def _told(name: str, home: Path) -> dict[str, str]:
    """What this service needs beside what all need."""
    match name:
        case "invoice-svc":
            return {"SMTP__HOST": LOOPBACK, "SMTP__PORT": str(free_port())}
        case "psa-sync-svc":
            key = identity_in(home).encryption_key
            return {"PSA__ENCRYPTION_KEY": key, "PSA__ALLOW_PRIVATE_ADDRESSES": "true"}
    return {}


def ended(part: Part) -> int:
    """Its exit code, after SIGTERM. Raises `TimeoutExpired` where it takes longer than it may."""
    part.ask_to_end()
    assert part.process is not None
    return int(part.process.wait(ENDS_WITHIN_S))


def events(part: Part) -> list[str]:
    """Of all that it logged; nothing but JSON lines may be there."""
    return [json.loads(line)["event"] for line in part.log.read_text().splitlines()]


def says(part: Part, event: str) -> Callable[[], Awaitable[bool]]:
    async def said() -> bool:
        return event in events(part)

    return said


@pytest.mark.parametrize("hanging", [["kafka"], ["store"], ["kafka", "store"]], ids="+".join)
async def test_all_end_in_time_while_what_they_need_hangs(
    own: Stack, launched: Callable[[str], Part], hanging: Sequence[str]
) -> None:
    parts = [launched(name) for name in SERVICES]
    await ready(*parts)

    with silent(*(each for each in own.parts if each.name in hanging)):
        codes = await asyncio.gather(*(asyncio.to_thread(ended, part) for part in parts))

    assert codes == [0, 0, 0]
    assert [events(part)[-1] for part in parts] == ["stopped"] * 3


async def test_of_several_brokers_one_that_is_away_holds_up_no_start(own: Stack, launched: Callable[..., Part]) -> None:
    servers = f"{LOOPBACK}:{free_port()}, {own.bootstrap_servers}"

    part = launched("customer-svc", KAFKA__BOOTSTRAP_SERVERS=servers)

    await ready(part)


@pytest.fixture
def hanging_psa(tmp_path: Path) -> Iterator[Part]:
    """It takes every call and answers none."""
    psa = a_simulator("autotask", tmp_path)
    psa.start()
    httpx.put(f"{psa.url}/faults", json={"slow": {"s": 600}}, trust_env=False).raise_for_status()
    yield psa
    psa.kill()


async def test_it_ends_in_time_while_calls_of_a_psa_hang_and_the_broker_too(
    own: Stack, launched: Callable[[str], Part], tmp_path: Path, hanging_psa: Part
) -> None:
    part, token = launched("psa-sync-svc"), identity_in(tmp_path).token("harbour")
    await ready(part)
    body = {
        "provider": "autotask",
        "name": "hangs",
        "base_url": hanging_psa.url,
        "credentials": {**OF["autotask"].credentials},
    }

    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=60) as http:

        async def both_wait() -> bool:
            """The worker that reads the list, and a person who looks at one account."""
            return len((await http.get(f"{hanging_psa.url}/calls")).json()) >= 2

        made = (await http.post(f"{part.url}/v1/integrations", json=body)).raise_for_status().json()
        at = f"{part.url}/v1/integrations/{made['integration_id']}/accounts/1"
        asking = asyncio.create_task(http.get(at))
        await until(both_wait)
        with silent(own.kafka):
            code = await asyncio.to_thread(ended, part)
        await asyncio.gather(asking, return_exceptions=True)

    assert code == 0
    assert events(part)[-1] == "stopped"


async def test_it_ends_in_time_with_a_fact_that_the_broker_does_not_confirm_and_the_next_one_says_it(
    own: Stack, launched: Callable[[str], Part], tmp_path: Path
) -> None:
    part, token = launched("customer-svc"), identity_in(tmp_path).token("harbour")
    await ready(part)

    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, trust_env=False) as http:
        with silent(own.kafka):
            made = await http.post(f"{part.url}/v1/customers", json={"company_name": "Harbour"}, timeout=20)
            code = await asyncio.to_thread(ended, part)
    part.launch()
    async with Reader(own.bootstrap_servers, CUSTOMERS.name) as said:
        told = await said.until_said(made.json()["customer_id"], "CustomerCreated")

    assert (made.status_code, code) == (201, 0)
    assert told[0][1]["customer"] == made.json()


@pytest.mark.parametrize(
    ("missing", "event"), [("kafka", "waiting for the broker"), ("store", "waiting to start")], ids=["kafka", "store"]
)
async def test_they_start_before_what_they_need_say_so_and_are_ready_later(
    own: Stack, launched: Callable[[str], Part], missing: str, event: str
) -> None:
    [away] = [each for each in own.parts if each.name == missing]
    await asyncio.to_thread(away.kill)
    try:
        parts, other = [launched(name) for name in SERVICES], launched("psa-sync-svc")
        for part in (*parts, other):
            await until(says(part, event))
        async with httpx.AsyncClient(trust_env=False) as http:
            answers = [
                (await http.get(f"{part.url}{path}")).status_code for part in parts for path in ("/healthz", "/readyz")
            ]
        code = await asyncio.to_thread(ended, other)
    finally:
        away.start()

    await ready(*parts)
    assert answers == [200, 503] * 3
    assert (code, events(other)[-1]) == (0, "stopped")
