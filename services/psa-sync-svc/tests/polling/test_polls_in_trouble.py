"""A PSA that asks for a pause, refuses or fails is polled when that makes sense again."""

from datetime import UTC, datetime, timedelta
from typing import Any

from psa_sync_svc.domain.integration import Edit, Status
from psa_sync_svc.handlers import change_integration
from psa_sync_svc.workers.asking import works
from psa_sync_svc.workers.psa import AuthFailed, Permanent, RateLimited

from .watching import meta, next_poll, stamp, watched


async def test_a_pause_that_the_psa_asks_for_is_kept(service: Any, clock: Any) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    await watched(service, "4711")
    service.psa.errors = [RateLimited("too many calls", 3_000.0)]
    await next_poll(service, clock)
    service.psa.calls.clear()

    await next_poll(service, clock)
    assert service.psa.calls == []

    clock.pass_(seconds=3_000)
    await next_poll(service, clock)
    assert service.psa.calls == ["poll"]


async def test_refused_credentials_end_it_until_they_are_changed(service: Any, clock: Any) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    integration, _ = await watched(service, "4711")
    service.psa.errors = [AuthFailed("not taken")]
    await next_poll(service, clock)
    assert (await service.integration(integration.integration_id)).status is Status.AUTH_FAILED
    assert await service.open_work() == {}
    service.psa.calls.clear()

    await next_poll(service, clock)
    assert service.psa.calls == []

    change: Edit = {"credentials": service.sealed(integration)}
    await service.engine.execute(
        change_integration.edit(integration.integration_id, change, expected_version=None), meta()
    )
    await service.work()
    assert service.psa.calls == ["page", "poll"]


async def test_a_test_that_works_lets_it_go_on(service: Any, clock: Any) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    integration, _ = await watched(service, "4711")
    service.psa.errors = [AuthFailed("not taken")]
    await next_poll(service, clock)

    failed = await service.integration(integration.integration_id)
    await service.engine.execute(change_integration.test(failed, works(failed)), meta())

    assert (await service.watch(integration)).watching is True


async def test_trouble_that_stays_is_tried_again_seldom(service: Any, clock: Any) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    integration, _ = await watched(service, "4711")
    service.psa.errors = [Permanent("no such address")]

    await next_poll(service, clock)

    watch = await service.watch(integration)
    assert (watch.watching, watch.trouble.code) == (True, "INVALID")
    assert timedelta(seconds=800) < datetime.fromisoformat(watch.due_at) - clock.now(UTC) < timedelta(seconds=901)
