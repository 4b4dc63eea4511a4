"""psa-sync-svc over a store and a PSA in memory, and its routes."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from psa_sync_svc.api import router
from tests.clock import Clock
from tests.in_memory import an_app

from .service import PARTNER, Service


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Of the open work, and of whoever says when some is due."""
    clock = Clock()
    monkeypatch.setattr("shared.engine.jobs.now_ms", clock.ms)
    monkeypatch.setattr("psa_sync_svc.workers.circuits.now_ms", clock.ms)
    monkeypatch.setattr("shared.engine.entries.datetime", clock)
    monkeypatch.setattr("psa_sync_svc.workers.asking.datetime", clock)
    return clock


@pytest.fixture
def serving(agrees: Callable[[Any, Any], None], clock: Clock) -> Iterator[Callable[..., Service]]:
    """Makes services. Whatever a test makes them say has to agree with the published document."""
    made: list[Service] = []

    def make(**parts: Any) -> Service:
        made.append(Service(clock, **parts))
        return made[-1]

    yield make
    for record in (record for service in made for record in service.topics.records):
        agrees(record.headers, record.value)


@pytest.fixture
def service(serving: Callable[..., Service]) -> Iterator[Service]:
    service = serving()
    yield service
    assert service.psa.open_now == 0


@pytest.fixture
def app(service: Service, tmp_path: Path) -> FastAPI:
    routes = router(service.engine, service.asking, service.settings, service.hearing)
    return an_app("psa-sync-svc", routes, tmp_path, partner=PARTNER)


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://psa") as client:
        yield client
