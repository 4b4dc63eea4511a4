"""An import is answered once, whatever the PSA does and whoever changes its integration meanwhile."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from psa_sync_svc.domain.importing import Code
from psa_sync_svc.domain.integration import Status
from psa_sync_svc.workers.psa import AuthFailed, Permanent, RateLimited, Transient


@pytest.mark.parametrize("told", [None, AuthFailed("the old secret"), Transient("away"), Permanent("no such address")])
async def test_what_an_older_connection_tells_is_not_the_answer(
    service: Any, clock: Any, told: Exception | None
) -> None:
    """The integration gets another address while the old one is asked."""
    integration = await service.integrated()
    await service.work()
    service.has(name="Of the old address")
    service.psa.hold = asyncio.Event()
    await service.command(service.importing(integration, request_id="r1"))
    await service.workers["fetch"].step()
    await service.turns()

    await service.reconnected(integration)
    service.psa.errors = [told]
    service.psa.hold.set()
    await service.turns()
    assert (service.answers(), service.refusals()) == ([], [])
    service.has(name="Of the new address")
    await service.work()

    assert [data["account"]["company_name"] for data in service.answers()] == ["Of the new address"]
    assert service.psa.opened[-1].base_url == "https://another.example"


async def test_an_integration_that_is_deleted_while_it_is_asked_is_unknown(service: Any, clock: Any) -> None:
    integration = await service.integrated()
    await service.work()
    service.has()
    service.psa.hold = asyncio.Event()
    await service.command(service.importing(integration, request_id="r1"))
    await service.workers["fetch"].step()
    await service.turns()

    await service.removed(integration)
    service.psa.hold.set()
    await service.turns()
    await service.work()

    assert [refusal["code"] for refusal in service.refusals()] == ["UNKNOWN_INTEGRATION"]
    assert service.answers() == []


async def test_a_psa_that_is_away_is_asked_again_after_a_pause_and_answered_once(service: Any, clock: Any) -> None:
    integration = await service.integrated()
    await service.work()
    service.has()
    service.psa.errors = [Transient("the PSA is away"), TimeoutError()]

    await service.command(service.importing(integration, request_id="r1"))
    await service.work()
    await service.work()
    assert service.psa.calls.count("account 4711") == 1
    assert service.answers() == []
    for _ in range(2):
        clock.pass_(seconds=10)
        await service.work()

    assert len(service.answers()) == 1
    assert service.psa.calls.count("account 4711") == 3


@pytest.mark.parametrize(
    ("error", "code"),
    [(Transient("the PSA is away"), Code.UNAVAILABLE), (RateLimited("too many calls", 60.0), Code.RATE_LIMITED)],
)
async def test_patience_ends_in_a_refusal(service: Any, clock: Any, error: Exception, code: Code) -> None:
    integration = await service.integrated()
    await service.work()
    service.psa.errors = [error] * 10

    await service.command(service.importing(integration, request_id="r1"))
    for _ in range(5):
        await service.work()
        clock.pass_(seconds=130)

    assert [refusal["code"] for refusal in service.refusals()] == [code]
    assert service.psa.calls.count("account 4711") == 3


async def test_the_pause_that_a_psa_asks_for_is_kept(service: Any, clock: Any) -> None:
    integration = await service.integrated()
    await service.work()
    service.has()
    service.psa.errors = [RateLimited("too many calls", 120.0)]
    await service.command(service.importing(integration, request_id="r1"))
    await service.work()

    clock.pass_(seconds=110)
    await service.work()
    assert service.answers() == []
    clock.pass_(seconds=20)
    await service.work()

    assert len(service.answers()) == 1


async def test_a_psa_that_asks_for_hours_is_not_waited_for(service: Any) -> None:
    integration = await service.integrated()
    await service.work()
    service.psa.errors = [RateLimited("the hour's calls are used up", timedelta(hours=1).total_seconds())]

    await service.command(service.importing(integration, request_id="r1"))
    await service.work()

    assert [refusal["code"] for refusal in service.refusals()] == ["RATE_LIMITED"]


async def test_a_request_that_cannot_work_is_refused_at_once(service: Any) -> None:
    integration = await service.integrated()
    await service.work()
    service.psa.errors = [Permanent("the id must be a number")]

    await service.command(service.importing(integration, "abc", request_id="r1"))
    await service.work()

    (refusal,) = service.refusals()
    assert (refusal["code"], refusal["detail"]) == ("INVALID", "the id must be a number")


async def test_credentials_that_are_refused_stop_all_calls_and_the_integration_says_so(service: Any) -> None:
    integration = await service.integrated()
    await service.work()
    service.psa.calls.clear()
    service.psa.errors = [AuthFailed("the PSA does not take these credentials")]

    for number in range(3):
        await service.command(service.importing(integration, request_id=f"r{number}"))
        await service.work()

    assert [refusal["code"] for refusal in service.refusals()] == ["AUTH_FAILED"] * 3
    assert service.psa.calls == ["account 4711"]
    told = await service.integration(integration.integration_id)
    assert (told.status, told.detail) == (Status.AUTH_FAILED, "the PSA does not take these credentials")


async def test_a_client_that_fails_by_itself_is_trouble_of_that_import_only(service: Any, clock: Any) -> None:
    integration = await service.integrated()
    await service.work()
    service.has()
    service.psa.errors = [ZeroDivisionError()]

    await service.command(service.importing(integration, request_id="r1"))
    await service.work()
    clock.pass_(seconds=10)
    await service.work()

    assert len(service.answers()) == 1


async def test_a_slow_psa_of_one_partner_delays_no_other(service: Any) -> None:
    slow, quick = await service.integrated(), await service.integrated("tide-telecom")
    await service.work()
    service.has()
    service.psa.hold = asyncio.Event()
    for number in range(30):
        await service.command(service.importing(slow, request_id=f"r{number}"))
    fetch = service.workers["fetch"]
    await fetch.step()
    await asyncio.sleep(0)
    stalled = service.psa.open_now
    held, service.psa.hold = service.psa.hold, None

    other = service.importing(quick, request_id="r1").model_copy(update={"partner_id": "tide-telecom"})
    await service.command(other, partner="tide-telecom")
    await fetch.step()
    await service.turns()

    assert stalled == service.settings.fetches_of_one_partner
    assert [data["partner_id"] for data in service.answers()] == ["tide-telecom"]
    held.set()
    await service.work()
    assert len(service.answers()) == 31


async def test_two_workers_with_one_import_answer_it_once(service: Any, clock: Any) -> None:
    """The lease of the first runs out while it asks."""
    integration = await service.integrated()
    await service.work()
    service.has()
    service.psa.hold = asyncio.Event()
    await service.command(service.importing(integration, request_id="r1"))
    fetch = service.workers["fetch"]
    for _ in range(2):
        await fetch.step()
        await asyncio.sleep(0)
        clock.pass_(minutes=5)
    assert service.psa.calls.count("account 4711") == 2

    service.psa.hold.set()
    await service.work()

    assert len(service.answers()) == 1
