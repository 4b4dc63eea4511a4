"""The worker that keeps linked customers and their accounts in step, over a store and a PSA in memory."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from psa_sync_svc.domain.fields import Field
from psa_sync_svc.domain.holding import FieldLimits
from psa_sync_svc.domain.integration import Edit
from psa_sync_svc.domain.link import Stand
from psa_sync_svc.domain.policy import Policy
from psa_sync_svc.handlers import change_integration
from psa_sync_svc.handlers.notice_account import hinting
from psa_sync_svc.workers.envelope import work_meta
from psa_sync_svc.workers.psa import FieldsRefused, Permanent

from .offices import PARTNER, Office, an_office, in_step, said, there


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
