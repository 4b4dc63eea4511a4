"""The worker that keeps linked customers and their accounts in step, over a store and a PSA in memory."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from psa_sync_svc.domain.fields import Field
from psa_sync_svc.domain.holding import FieldLimits
from psa_sync_svc.domain.integration import Edit
from psa_sync_svc.domain.link import Stand
from psa_sync_svc.domain.policy import Policy
from psa_sync_svc.handlers import change_integration
from psa_sync_svc.handlers.notice_account import hinting, noticing_account
from psa_sync_svc.workers import sync
from psa_sync_svc.workers.envelope import work_meta
from psa_sync_svc.workers.psa import AuthFailed, FieldsRefused, Permanent, RateLimited, Transient, Unanswered

from .offices import Office, an_office, in_step, said, there

PARTNER = "harbour-it"


async def test_several_changes_go_to_the_psa_in_one_call_after_a_look(service: Any) -> None:
    office = await an_office(service)
    await office.edits(company_name="Tide")
    await office.edits(contact_number="+31207946152")
    await office.edits(company_name="Tide & Wattle", company_address=None)

    await in_step(service)

    assert service.psa.calls == ["account 4711", "update 4711"]
    assert there(service).company_name == "Tide & Wattle"
    assert there(service).contact_number == "+31207946152"
    assert there(service).company_address is None
    (pushed,) = said(service, "FieldsPushed")
    assert set(pushed["fields"]) == {"company_name", "contact_number", "company_address"}
    assert pushed["customer_version"] == 4
    assert await service.open_work() == {"poll": 1}


async def test_what_did_not_change_in_a_synced_field_makes_no_call(service: Any) -> None:
    office = await an_office(service)

    await office.edits(payment_terms={"kind": "net", "days": 14})
    await in_step(service)

    assert service.psa.calls == []


async def test_an_edit_there_that_the_look_before_a_push_finds_is_not_overwritten(service: Any) -> None:
    office = await an_office(service)
    service.psa.accounts_there["4711"] = replace(there(service), company_name="Theirs")
    await office.edits(company_name="Ours", reference="R-1")

    await in_step(service)

    assert there(service).company_name == "Theirs"
    assert there(service).reference == "R-1"
    (found,) = said(service, "ConflictFound")
    assert (found["field"], found["base"], found["ours"], found["theirs"]) == (
        "company_name",
        "Wattle & Tide",
        "Ours",
        "Theirs",
    )


async def test_the_integrations_policy_of_a_field_decides_where_both_changed(service: Any) -> None:
    office = await an_office(service)
    await policies(service, office, {Field.COMPANY_NAME: Policy.PSA, Field.REFERENCE: Policy.PORTAL})
    service.psa.accounts_there["4711"] = replace(there(service), company_name="Theirs", reference="T-1")
    await office.edits(company_name="Ours", reference="R-1")

    await in_step(service)

    (changed,) = said(service, "AccountChanged")
    assert changed["changes"] == {"company_name": {"from": "Ours", "to": "Theirs"}}
    assert changed["account"]["company_name"] == "Theirs"
    assert (changed["link_version"], changed["source"]) == (1, "psa")
    assert there(service).reference == "R-1"


async def policies(service: Any, office: Office, wanted: dict[Field, Policy]) -> None:
    change: Edit = {"policies": wanted}
    changes = change_integration.edit(office.integration.integration_id, change, expected_version=None)
    await service.engine.execute(changes, work_meta(PARTNER, "test"))


async def test_what_the_psa_cannot_hold_fails_by_itself_and_the_others_go(service: Any) -> None:
    service.psa.holds = FieldLimits({"company_name": 20}, frozenset({"contact_number"}))
    office = await an_office(service)
    await office.edits(company_name="A name that is longer than that", contact_number=None, reference="R-1")

    await in_step(service)

    assert service.psa.calls == ["account 4711", "update 4711"]
    assert there(service).reference == "R-1"
    failed = {next(iter(each["fields"])): (each["code"], each["will_retry"]) for each in said(service, "PushFailed")}
    assert failed == {"company_name": ("TOO_LONG", False), "contact_number": ("REQUIRED", False)}
    assert (await office.link).state(Field.COMPANY_NAME).stand is Stand.HELD
    assert "sync" not in await service.open_work()


async def test_fields_that_the_psa_refuses_are_left_out_of_the_next_call(service: Any) -> None:
    office = await an_office(service)
    await office.edits(company_name="Tide", reference="R-1")
    service.psa.errors = [None, FieldsRefused({Field.COMPANY_NAME: "there is one of this name"})]

    await in_step(service)

    assert there(service).company_name == "Wattle & Tide"
    assert there(service).reference == "R-1"
    (failed,) = said(service, "PushFailed")
    assert (failed["fields"], failed["code"], failed["will_retry"]) == ({"company_name": "Tide"}, "REFUSED", False)
    assert failed["detail"] == "there is one of this name"


async def test_a_change_that_is_refused_as_a_whole_is_not_tried_for_ever(service: Any) -> None:
    office = await an_office(service)
    await office.edits(company_name="Tide", reference="R-1")
    service.psa.errors = [None, Permanent("the record is closed")]

    await in_step(service)

    assert [call for call in service.psa.calls if call.startswith("update")] == ["update 4711"]
    assert len(said(service, "PushFailed")) == 2


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


async def test_an_account_that_is_gone_is_told_and_called_no_more_before_somebody_says_look(service: Any) -> None:
    office = await an_office(service)
    del service.psa.accounts_there["4711"]
    await office.edits(company_name="Tide")

    await in_step(service)

    assert [(each["code"], each["will_retry"]) for each in said(service, "PushFailed")] == [("NOT_FOUND", False)]
    assert "sync" not in await service.open_work()
    service.has()
    await service.engine.execute([hinting(office.integration, office.id, "4711")], work_meta(PARTNER, "test"))
    await in_step(service)
    assert there(service).company_name == "Tide"


async def test_a_customer_linked_by_hand_is_compared_at_once(service: Any) -> None:
    office = await an_office(service, imported=False, reference=None, company_name="Wattle and Tide")

    await in_step(service)

    (changed,) = said(service, "AccountChanged")
    assert changed["changes"] == {"reference": {"from": None, "to": "AT-4711"}}
    assert [each["field"] for each in said(service, "ConflictFound")] == ["company_name"]
    assert (await office.link).state(Field.COMPANY_ADDRESS).stand is Stand.IN_STEP


async def test_a_link_with_an_integration_that_there_is_not_waits_without_a_call(service: Any) -> None:
    integration = await service.integrated()
    missing = replace(integration, integration_id=str(uuid4()))
    office = await Office(service, missing, imported=False).begins()
    await service.workers["mirror"].drain()
    service.psa.calls.clear()

    await in_step(service)

    assert service.psa.calls == []
    trouble = (await office.link).trouble
    assert trouble is not None
    assert trouble.code == "UNKNOWN_INTEGRATION"


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
