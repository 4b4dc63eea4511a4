import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from shared.engine.errors import Unavailable
from shared.settings import AuthSettings
from shared.web import health
from shared.web.app import create_app
from shared.web.auth import Authenticator
from shared.web.health import Failing, Health


class Part:
    """A part whose health can be set."""

    def __init__(self) -> None:
        self.trouble: Exception | None = None
        self.hangs = False
        self.asked = 0

    async def check(self) -> None:
        self.asked += 1
        if self.hangs:
            await asyncio.sleep(60)
        if self.trouble is not None:
            raise self.trouble


@pytest.fixture
def consumer() -> Part:
    return Part()


@pytest.fixture
def store() -> Part:
    return Part()


@pytest.fixture
def started(settings: AuthSettings, consumer: Part, store: Part, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    monkeypatch.setattr(health, "_FRESH_S", -1.0)
    monkeypatch.setattr(health, "TIME_LIMIT_S", 0.05)
    app = create_app(
        "t",
        "1",
        service="customer-svc",
        authenticator=Authenticator(settings),
        alive={"consumers": consumer.check},
        ready={"store": store.check},
    )
    app.state.started = True
    return app


@pytest.fixture
async def asking(started: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(started), base_url="http://test") as client:
        yield client


async def test_all_is_well(asking: httpx.AsyncClient) -> None:
    alive, ready = await asking.get("/healthz"), await asking.get("/readyz")

    assert (alive.status_code, alive.json()) == (200, {"status": "ok", "checks": {"consumers": "ok"}})
    assert ready.status_code == 200
    assert ready.json()["checks"] == {"started": "ok", "consumers": "ok", "store": "ok"}


async def test_a_stuck_consumer_is_neither_healthy_nor_ready(asking: httpx.AsyncClient, consumer: Part) -> None:
    consumer.trouble = Failing("no progress on rebilling.psa for 90 s")

    answers = [await asking.get(path) for path in ("/healthz", "/readyz")]
    assert [answer.status_code for answer in answers] == [503, 503]
    assert answers[0].json()["checks"]["consumers"] == "no progress on rebilling.psa for 90 s"


async def test_a_store_that_is_away_takes_the_traffic_and_not_the_process(
    asking: httpx.AsyncClient, store: Part
) -> None:
    store.trouble = Unavailable("document store: AutoReconnect")

    assert (await asking.get("/healthz")).status_code == 200
    assert (await asking.get("/readyz")).status_code == 503


async def test_before_the_start_is_over_no_traffic_is_wanted(started: FastAPI, asking: httpx.AsyncClient) -> None:
    started.state.started = False

    assert (await asking.get("/healthz")).status_code == 200
    assert (await asking.get("/readyz")).status_code == 503


async def test_a_check_that_hangs_is_not_waited_for(asking: httpx.AsyncClient, store: Part) -> None:
    store.hangs = True

    answer = await asking.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["store"].startswith("no answer within")


async def test_an_unforeseen_failure_is_told_without_its_text(asking: httpx.AsyncClient, store: Part) -> None:
    store.trouble = KeyError("ann@example.org")

    assert (await asking.get("/readyz")).json()["checks"]["store"] == "KeyError"


async def test_many_who_ask_at_once_cost_one_check(store: Part) -> None:
    found = Health({"store": store.check})

    answers = await asyncio.gather(*(found.found() for _ in range(50)))

    assert store.asked == 1
    assert all(answer == {"store": "ok"} for answer in answers)


async def test_what_was_counted_is_told_without_a_token(asking: httpx.AsyncClient) -> None:
    answer = await asking.get("/metrics")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'rebilling_build_info{service="customer-svc",version="1"} 1.0' in answer.text
