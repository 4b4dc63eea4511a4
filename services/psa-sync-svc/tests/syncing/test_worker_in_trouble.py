"""A push whose answer is lost, whose process dies or whose PSA refuses, stalls or was replaced."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from psa_sync_svc.handlers.notice_account import hinting, noticing_account
from psa_sync_svc.workers import sync
from psa_sync_svc.workers.envelope import work_meta
from psa_sync_svc.workers.psa import AuthFailed, RateLimited, Transient, Unanswered

from .offices import PARTNER, Office, an_office, in_step, said, there


async def test_a_lost_answer_is_read_there_before_anything_is_sent_again(service: Any, clock: Any) -> None:
    office = await an_office(service)
    await office.edits(company_name="Tide")

    async def applied_and_lost() -> None:
        service.psa.accounts_there["4711"] = replace(there(service), company_name="Tide")

    service.psa.errors = [None, Unanswered("no answer came")]
    await in_step(service)
    await applied_and_lost()
    clock.pass_(seconds=3)
    await in_step(service)

    assert service.psa.calls == ["account 4711", "update 4711", "account 4711"]
    assert [each["will_retry"] for each in said(service, "PushFailed")] == [True]
    assert [each["fields"] for each in said(service, "FieldsPushed")] == [{"company_name": "Tide"}]
    link = await office.link
    assert (link.attempt, link.trouble, link.tries) == (None, None, 0)


async def test_a_call_that_did_not_arrive_is_made_again_after_the_pause(service: Any, clock: Any) -> None:
    office = await an_office(service)
    await office.edits(company_name="Tide")
    service.psa.errors = [None, Unanswered("no answer came")]

    await in_step(service)
    assert there(service).company_name == "Wattle & Tide"
    clock.pass_(seconds=3)
    await in_step(service)

    assert there(service).company_name == "Tide"


@pytest.mark.parametrize("gap", ["push-marked", "fields-pushed"])
async def test_a_process_that_dies_around_the_call_leaves_what_the_next_can_finish(
    service: Any, clock: Any, monkeypatch: pytest.MonkeyPatch, gap: str
) -> None:
    class Died(BaseException):
        pass

    def dies(name: str) -> None:
        if name == gap:
            raise Died

    office = await an_office(service)
    await office.edits(company_name="Tide")
    monkeypatch.setattr(sync, "failpoint", dies)
    (work,) = await service.engine.jobs.claim("sync", 1, 30.0)
    with pytest.raises(Died):
        await sync.Sync(service.engine, service.asking, lease_s=30.0, region=None).sync(work)
    monkeypatch.undo()
    monkeypatch.setattr("shared.engine.jobs.now_ms", clock.ms)
    assert (await office.link).attempt is not None

    clock.pass_(seconds=31)
    await in_step(service)

    assert there(service).company_name == "Tide"
    assert service.psa.calls.count("update 4711") == 1
    assert [each["fields"] for each in said(service, "FieldsPushed")] == [{"company_name": "Tide"}]


async def test_refused_credentials_stop_all_calls_until_they_are_changed(service: Any, clock: Any) -> None:
    office = await an_office(service)
    await office.edits(company_name="Tide")
    service.psa.errors = [AuthFailed("not these")]
    await in_step(service)
    service.psa.calls.clear()

    for _ in range(3):
        clock.pass_(seconds=400)
        await in_step(service)
    assert service.psa.calls == []
    assert [(each["code"], each["will_retry"]) for each in said(service, "PushFailed")] == [("AUTH_FAILED", True)]

    await service.reconnected(await service.integration(office.integration.integration_id))
    await service.workers["mirror"].drain()
    await in_step(service)

    assert there(service).company_name == "Tide"


async def test_a_rate_limit_is_kept_whatever_hints_come(service: Any, clock: Any) -> None:
    office = await an_office(service)
    await office.edits(company_name="Tide")
    service.psa.errors = [RateLimited("slowly", 120.0)]
    await in_step(service)
    await service.engine.execute([hinting(office.integration, office.id, "4711")], work_meta(PARTNER, "test"))

    clock.pass_(seconds=100)
    await in_step(service)
    assert service.psa.calls == ["account 4711"]
    clock.pass_(seconds=21)
    await in_step(service)

    assert there(service).company_name == "Tide"


async def test_a_customer_that_was_unlinked_meanwhile_is_not_pushed(service: Any) -> None:
    office = await an_office(service)
    await office.edits(company_name="Tide")
    service.psa.hold = asyncio.Event()
    await service.workers["sync"].step()
    await service.turns()
    await office.unlinks()

    service.psa.hold.set()
    await in_step(service)

    assert service.psa.calls == ["account 4711"]
    assert said(service, "FieldsPushed") == []
    assert "sync" not in await service.open_work()


async def test_what_an_older_connection_told_is_no_answer(service: Any) -> None:
    office = await an_office(service)
    await office.edits(company_name="Tide")
    service.psa.hold = asyncio.Event()
    await service.workers["sync"].step()
    await service.turns()
    service.psa.accounts_there["4711"] = replace(there(service), company_name="Another's")
    await service.reconnected(office.integration)
    service.has()

    service.psa.hold.set()
    await in_step(service)

    assert service.psa.calls == ["account 4711", "account 4711", "update 4711"]
    assert said(service, "ConflictFound") == []


async def test_a_conflict_that_was_not_shown_before_the_process_died_is_shown_by_the_next(service: Any) -> None:
    office = await an_office(service)
    await office.edits(company_name="Ours")
    account = replace(there(service), company_name="Theirs")
    noticed = noticing_account(office.integration, office.id, "4711", account, "2099-01-01T00:00:00Z", region=None)
    await service.engine.execute([replace(noticed, then=None)], work_meta(PARTNER, "test"))
    assert await service.store.find("conflicts", {}) == []

    await in_step(service)

    (conflict,) = await service.store.find("conflicts", {})
    assert conflict["state"]["review"]["theirs"] == "Theirs"
    assert all(review.shown for review in (await office.link).reviews)
    assert "sync" not in await service.open_work()


async def test_a_stalled_psa_of_one_partner_leaves_room_for_another(service: Any) -> None:
    service.has()
    stalled = await service.integrated()
    offices = [await Office(service, stalled).begins() for _ in range(40)]
    for office in offices:
        await office.edits(company_name="Tide")
    await service.workers["mirror"].drain()
    service.psa.hold = asyncio.Event()
    await service.workers["sync"].step()
    await service.turns()

    other = await service.integrated("tide-telecom")
    await (await Office(service, other).begins()).edits(company_name="Tide")
    claimed = await service.workers["sync"].step()
    await service.turns()

    assert claimed == 1
    assert service.psa.opened[-1].partner_id == "tide-telecom"
    service.psa.hold.set()
    await in_step(service)


async def test_trouble_that_may_pass_is_tried_again_with_growing_pauses(service: Any, clock: Any) -> None:
    office = await an_office(service)
    await office.edits(company_name="Tide")
    service.psa.errors = [Transient("away")] * 3

    for seconds in (3, 5, 9):
        await in_step(service)
        clock.pass_(seconds=seconds)
    await in_step(service)

    assert there(service).company_name == "Tide"
    assert len(said(service, "PushFailed")) == 1
