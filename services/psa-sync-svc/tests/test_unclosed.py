"""An import that was answered and that nobody ends is counted and told of, until it ends."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from psa_sync_svc.workers.unclosed import Unclosed
from shared.engine.leases import Leases
from shared.telemetry import metrics


@pytest.fixture
async def answered(service: Any) -> Any:
    """A service with an import whose account was read; customer-svc says nothing."""
    integration = await service.integrated()
    service.has()
    await service.command(service.importing(integration, request_id="r1"))
    await service.work()
    assert len(service.answers()) == 1
    return service


def looking(service: Any) -> Unclosed:
    return Unclosed(service.engine, Leases(service.store))


async def test_an_import_that_was_answered_a_moment_ago_is_none_to_tell_of(answered: Any) -> None:
    with capture_logs() as told:
        assert await looking(answered).step() == 0

    assert told == []


async def test_an_import_that_nobody_ends_is_told_of_with_where_its_answer_may_be(answered: Any) -> None:
    await answered.store.update_if("imports", "harbour-it|r1", {}, {"$set": {"q.answered": "2026-01-01T00:00:00Z"}})

    with capture_logs() as told:
        assert await looking(answered).step() == 1

    assert [(each["request_id"], each["dead_letters"]) for each in told] == [("r1", "rebilling.psa.customer-svc.dlq")]
    assert metrics.imports_unclosed()._value.get() == 1
