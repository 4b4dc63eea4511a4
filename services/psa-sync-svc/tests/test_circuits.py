"""Refused credentials stop all calls, a PSA that is away pauses them, and both are told to the partner once."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from psa_sync_svc.domain.importing import Code, Step
from psa_sync_svc.domain.integration import Status
from psa_sync_svc.workers.asking import InTrouble
from psa_sync_svc.workers.psa import AuthFailed, Away, Connection, NotAsked, Permanent, Psa, Purpose, RateLimited
from psa_sync_svc.workers.standing import Standing
from shared.contracts.topics import PSA

AWAY = Away("the PSA did not answer in time")


def told(service: Any) -> list[tuple[str, str | None]]:
    return [(data["status"], data["code"]) for name, data in service.said(PSA) if name == "IntegrationStatusChanged"]


async def settled(service: Any) -> Any:
    """An integration whose list was read, and that works."""
    service.has()
    integration = await service.integrated()
    await service.work()
    return await service.integration(integration.integration_id)


async def asked(service: Any, integration: Any) -> str:
    """One call that nobody waits for; what came of it."""
    present = await service.integration(integration.integration_id)
    try:
        await service.asking.ask(present, "poll", lambda psa: psa.check())
    except InTrouble as trouble:
        return "paused" if trouble.paused else trouble.code.value
    return "ok"


async def over_http(app: FastAPI, method: str, path: str, body: Any = None) -> httpx.Response:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://psa.test", trust_env=False) as client:
        return await client.request(method, f"/v1/integrations/{path}", json=body)


async def test_that_an_integration_works_and_that_its_credentials_are_refused_is_said_once_each(service: Any) -> None:
    integration = await settled(service)
    service.psa.errors = [AuthFailed("the PSA does not take the credentials")] * 3

    for number in range(3):
        await service.command(service.importing(integration, request_id=f"r{number}"))
    await service.work()

    assert told(service) == [("connected", None), ("auth_failed", "AUTH_FAILED")]
    (record,) = [each for each in service.topics.records if b"auth_failed" in (each.value or b"")]
    assert record.key == integration.integration_id.encode()
    said = [data for name, data in service.said(PSA) if name == "IntegrationStatusChanged"][-1]
    assert said["detail"] == "the PSA does not take the credentials"
    assert datetime.fromisoformat(said["changed_at"]) <= datetime.now(UTC)


async def test_an_edit_begins_anew_and_the_next_answer_is_told(service: Any) -> None:
    integration = await settled(service)

    await service.reconnected(integration)
    await service.work()

    assert told(service) == [("connected", None), ("unchecked", None), ("connected", None)]


async def test_a_call_that_never_came_to_its_turn_says_nothing_of_the_psa(service: Any) -> None:
    integration = await settled(service)

    async def stands_in_line(_psa: Psa) -> None:
        await asyncio.Event().wait()

    for _ in range(6):
        with pytest.raises(InTrouble, match="its turn") as trouble:
            await service.asking.ask(integration, "poll", stands_in_line, limit_s=0.05)
        assert (trouble.value.code, trouble.value.passing, trouble.value.paused) == (Code.UNAVAILABLE, True, False)

    assert await asked(service, integration) == "ok"
    assert told(service) == [("connected", None)]


async def test_after_some_calls_without_an_answer_nobody_asks_and_the_partner_is_told_once(service: Any) -> None:
    integration = await settled(service)
    service.psa.errors = [AWAY] * 5
    failures = [await asked(service, integration) for _ in range(5)]
    calls = len(service.psa.calls)

    paused = [await asked(service, integration) for _ in range(20)]
    await service.all_said()

    assert (failures, set(paused)) == (["UNAVAILABLE"] * 5, {"paused"})
    assert len(service.psa.calls) == calls
    assert told(service)[1:] == [("unreachable", "UNAVAILABLE")]


async def test_what_is_found_out_without_asking_is_no_answer(service: Any) -> None:
    integration = await settled(service)

    async def no_request(_psa: Psa) -> None:
        """As for an id that cannot be one there."""

    service.psa.errors = [AWAY] * 5
    for _ in range(4):
        await asked(service, integration)
    await service.asking.ask(integration, "import", no_request)
    await asked(service, integration)

    assert await asked(service, integration) == "paused"


async def test_one_call_finds_out_that_it_is_back_and_all_that_waited_goes_on_at_once(service: Any, clock: Any) -> None:
    integration = await settled(service)
    service.psa.errors = [AWAY] * 6
    for _ in range(5):
        await asked(service, integration)
    await service.command(service.importing(integration, request_id="r1"))
    await service.work()
    waiting = await service.store.find("open_work", {"about": integration.integration_id, "job": "fetch"})
    clock.pass_(seconds=16)
    service.psa.errors = []

    assert await asked(service, integration) == "ok"

    assert waiting[0]["due_at"] > clock.ms() - 16_000
    await service.work()
    assert (await service.import_("r1")).status is Step.ANSWERED
    assert told(service)[1:] == [("unreachable", "UNAVAILABLE"), ("connected", None)]
    assert await service.store.find("circuits", {}) == []


async def test_while_it_pauses_an_import_keeps_its_own_patience_and_a_person_is_answered(
    service: Any, clock: Any
) -> None:
    integration = await settled(service)
    service.psa.errors = [AWAY] * 5
    for _ in range(5):
        await asked(service, integration)
    await service.command(service.importing(integration, request_id="r1"))
    calls = len(service.psa.calls)
    for _ in range(3):
        await service.work()
        clock.pass_(seconds=4)

    refused = await service.import_("r1")
    assert (refused.status, refused.refusal.code) == (Step.REFUSED, Code.UNAVAILABLE)
    assert len(service.psa.calls) == calls
    present = await service.integration(integration.integration_id)
    found = await service.asking.ask(present, "account", lambda psa: psa.account("4711"), purpose=Purpose.INTERACTIVE)
    assert found is not None
    assert await asked(service, integration) == "ok"


async def test_a_list_that_waits_for_a_psa_that_is_away_has_lost_no_try(service: Any, clock: Any) -> None:
    service.has()
    integration = await service.integrated()
    service.psa.errors = [AWAY] * 5
    for _ in range(5):
        await asked(service, integration)

    await service.work()

    mirror = await service.mirror(integration.integration_id)
    assert (mirror.due, mirror.tries, mirror.mirrored_at) == (True, 0, None)
    clock.pass_(seconds=16)
    await service.work()
    assert (await service.mirror(integration.integration_id)).accounts == 1


@pytest.mark.parametrize(
    "error",
    [
        Permanent("the record is wrong"),
        RateLimited("too many", 60.0),
        NotAsked("the store is away"),
    ],
)
async def test_what_is_an_answer_and_what_is_held_up_by_ourselves_pauses_nothing(
    service: Any, error: Exception
) -> None:
    integration = await settled(service)
    service.psa.errors = [AWAY, AWAY, AWAY, AWAY, *[error] * 20]

    heard = {await asked(service, integration) for _ in range(24)}

    assert "paused" not in heard
    assert told(service) == [("connected", None)]


async def test_a_new_connection_is_not_held_up_by_what_the_old_one_failed_at(service: Any) -> None:
    integration = await settled(service)
    service.psa.errors = [AWAY] * 5
    for _ in range(5):
        await asked(service, integration)

    await service.reconnected(integration)

    assert await asked(service, integration) == "ok"


async def test_what_waits_is_due_at_once_after_a_test_that_goes_well_and_after_an_edit(
    service: Any, app: FastAPI, clock: Any
) -> None:
    integration = await settled(service)
    for path, body in (("/test", None), ("", {"base_url": "https://new.example", "credentials": _SECRETS})):
        for number in range(3):
            await service.engine.jobs.put(
                "sync", f"{path}{number}", partner_id="harbour-it", about=integration.integration_id, due_at=_LATER
            )
        await service.engine.jobs.put("sync", f"{path}other", partner_id="harbour-it", about="other", due_at=_LATER)

        answer = await over_http(app, "POST" if body is None else "PATCH", f"{integration.integration_id}{path}", body)

        assert answer.status_code == 200, answer.text
        waiting = await service.store.find("open_work", {"job": "sync", "due_at": {"$gt": clock.ms()}})
        assert {each["about"] for each in waiting} == {"other"}


async def test_each_request_looks_whether_the_integration_may_still_be_called(service: Any) -> None:
    integration = await settled(service)
    standing = Standing(service.store)
    present = {"integration_id": integration.integration_id, "partner_id": "harbour-it", "base_url": None}
    ours = Connection(**present, credentials={}, number=integration.connection)
    testing = Connection(**present, credentials={}, number=integration.connection, purpose=Purpose.TEST)
    await standing(ours)

    service.psa.errors = [AuthFailed("the PSA does not take the credentials")]
    await service.command(service.importing(integration, request_id="r1"))
    await service.work()

    with pytest.raises(AuthFailed, match="does not take"):
        await standing(ours)
    await standing(testing)
    await service.reconnected(integration)
    with pytest.raises(NotAsked, match="changed"):
        await standing(testing)
    await service.removed(integration)
    with pytest.raises(NotAsked):
        await standing(Connection(**present, credentials={}, number=integration.connection + 1))
    await standing(Connection(str(uuid4()), "harbour-it", None, {}))


async def test_whoever_counts_at_the_same_time_counts_all(service: Any) -> None:
    integration = await settled(service)
    service.psa.errors = [AWAY] * 4

    await asyncio.gather(*(asked(service, integration) for _ in range(4)))

    (doc,) = await service.store.find("circuits", {})
    assert doc["state"]["failures"] == 4
    assert (await service.integration(integration.integration_id)).status is Status.CONNECTED


_LATER = datetime(2999, 1, 1, tzinfo=UTC)
_SECRETS = {"username": "api@harbour.example", "secret": "s3cret-of-the-psa", "integration_code": "CODE-4711"}
