"""Conflicts are listed and decided, policies are set, and a sync is taken back, over HTTP and by command."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest

from psa_sync_svc.handlers.notice_account import noticing_account
from psa_sync_svc.workers.envelope import work_meta
from shared.contracts.psa import ResolveConflict
from shared.contracts.topics import ANSWERS

from .offices import Office, an_office, differing, in_step, said, there

THEIRS = {"x-partner": "tide-telecom"}


async def conflicts(http: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    answer = await http.get("/v1/conflicts", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def takes(office: Office, service: Any) -> None:
    """customer-svc does what it was told last."""
    await service.all_said()
    changes = said(service, "AccountChanged")[-1]["changes"]
    await office.edits("portal", **{name: each["to"] for name, each in changes.items()})


async def test_a_conflict_is_listed_as_it_is_and_as_it_ended(http: httpx.AsyncClient, service: Any) -> None:
    office = await an_office(service)
    await differing(service, office, company_name="Theirs")

    (found,) = await conflicts(http, status="open")
    (event,) = said(service, "ConflictFound")
    assert found["conflict_id"] == event["conflict_id"]
    assert (found["field"], found["base"], found["ours"], found["theirs"]) == (
        "company_name",
        "Wattle & Tide",
        "Ours",
        "Theirs",
    )
    assert (found["customer_id"], found["account_id"]) == (office.id, "4711")
    assert (found["status"], found["chosen"], found["by"], found["resolved_at"]) == ("open", None, None, None)

    service.psa.accounts_there["4711"] = replace(there(service), company_name="Ours")
    noticed = noticing_account(
        office.integration, office.id, "4711", there(service), "2099-01-01T00:00:00Z", region=None
    )
    await service.engine.execute([noticed], work_meta(office.partner_id, "test"))
    await service.all_said()

    assert await conflicts(http, status="open") == []
    (over,) = await conflicts(http, status="resolved")
    assert (over["status"], over["chosen"], over["by"]) == ("resolved", "Ours", None)
    (told,) = said(service, "ConflictResolved")
    assert (told["chosen"], told["by"]) == ("Ours", "service:psa-sync-svc")


async def test_conflicts_come_in_pages_the_newest_first_and_only_to_their_partner(
    http: httpx.AsyncClient, service: Any
) -> None:
    office = await an_office(service)
    await differing(service, office, company_name="Theirs")
    await differing(service, office, reference="T-1")

    first = (await http.get("/v1/conflicts", params={"limit": 1})).json()
    second = (await http.get("/v1/conflicts", params={"limit": 1, "after": first["next"]})).json()

    assert [first["items"][0]["field"], second["items"][0]["field"]] == ["reference", "company_name"]
    assert second["next"] is None
    assert (await http.get("/v1/conflicts", headers=THEIRS)).json()["items"] == []


@pytest.mark.parametrize(
    ("choice", "here", "psa"),
    [
        ({"choose": "ours"}, "Ours", "Ours"),
        ({"choose": "theirs"}, "Theirs", "Theirs"),
        ({"choose": "value", "value": " Another "}, "Another", "Another"),
    ],
)
async def test_what_is_chosen_goes_to_both_sides(
    http: httpx.AsyncClient, service: Any, choice: dict[str, Any], here: str, psa: str
) -> None:
    office = await an_office(service)
    await differing(service, office, company_name="Theirs")
    (found,) = await conflicts(http, status="open")

    answer = await http.post(f"/v1/conflicts/{found['conflict_id']}/resolve", json=choice)
    if here != "Ours":
        await takes(office, service)
    await in_step(service)

    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["chosen"], answer.json()["by"]) == ("resolved", here, "user:ann")
    assert there(service).company_name == psa
    assert office.fields["company_name"] == here
    link = (await http.get(f"/v1/links/{office.id}")).json()
    assert link["state"] == "in_step"
    assert link["fields"]["company_name"]["origin"]["source"] == "review"
    (told,) = said(service, "ConflictResolved")
    assert (told["chosen"], told["by"]) == (here, "user:ann")


async def test_a_conflict_is_decided_by_command_too_and_once(service: Any) -> None:
    office = await an_office(service)
    await differing(service, office, company_name="Theirs")
    (found,) = said(service, "ConflictFound")
    command = ResolveConflict(partner_id=office.partner_id, conflict_id=found["conflict_id"], choose="ours")

    for id in ("m1", "m1", "m2"):
        await service.command(command, id)
    await in_step(service)

    assert there(service).company_name == "Ours"
    assert len(said(service, "ConflictResolved")) == 1
    ((name, rejected),) = service.said(ANSWERS)
    assert (name, rejected["command_id"]) == ("CommandRejected", "m2")
    assert [(each["pointer"], each["code"]) for each in rejected["errors"]] == [("/conflict_id", "CONFLICT_WITH_STATE")]


async def test_another_tenants_conflict_and_one_that_there_is_not_are_not_found(
    http: httpx.AsyncClient, service: Any
) -> None:
    office = await an_office(service)
    await differing(service, office, company_name="Theirs")
    (found,) = await conflicts(http)
    at = f"/v1/conflicts/{found['conflict_id']}/resolve"

    theirs = await http.post(at, json={"choose": "ours"}, headers=THEIRS)
    none = await http.post(f"/v1/conflicts/{uuid4()}/resolve", json={"choose": "ours"})
    await service.command(
        ResolveConflict(partner_id="tide-telecom", conflict_id=found["conflict_id"], choose="ours"),
        "m1",
        "tide-telecom",
    )

    assert (theirs.status_code, none.status_code) == (404, 404)
    assert theirs.json()["errors"] == none.json()["errors"]
    assert [each["code"] for _, data in service.said(ANSWERS) for each in data["errors"]] == ["NOT_FOUND"]
    assert len(await conflicts(http, status="open")) == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"choose": "mine"}, "/choose"),
        ({}, "/choose"),
        ({"choose": "value"}, "/value"),
        ({"choose": "value", "value": "x" * 201}, "/value"),
        ({"choose": "value", "value": {"line1": "1"}}, "/value"),
    ],
)
async def test_a_choice_that_cannot_be_is_refused_at_its_place_and_the_conflict_stays(
    http: httpx.AsyncClient, service: Any, body: dict[str, Any], pointer: str
) -> None:
    office = await an_office(service)
    await differing(service, office, company_name="Theirs")
    (found,) = await conflicts(http)

    answer = await http.post(f"/v1/conflicts/{found['conflict_id']}/resolve", json=body)

    assert answer.status_code in (409, 422)
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    assert len(await conflicts(http, status="open")) == 1


async def test_the_policies_of_an_integration_are_shown_whole_and_set_one_by_one(http: httpx.AsyncClient) -> None:
    new = {
        "provider": "autotask",
        "name": "Autotask",
        "credentials": {"username": "a", "secret": "b", "integration_code": "c"},
        "policies": {"reference": "psa"},
    }
    made = (await http.post("/v1/integrations", json=new)).json()
    at = f"/v1/integrations/{made['integration_id']}"

    await http.patch(at, json={"policies": {"company_name": "newest"}})
    shown = (await http.patch(at, json={"name": "Ours"})).json()
    wrong = await http.patch(at, json={"policies": {"email": "psa", "reference": "theirs"}})

    assert shown["policies"] == {
        "company_name": "newest",
        "contact_number": "review",
        "company_address": "review",
        "reference": "psa",
    }
    assert wrong.status_code == 422
    assert {each["pointer"] for each in wrong.json()["errors"]} == {"/policies/email", "/policies/reference"}


async def test_an_open_conflict_follows_a_changed_policy(http: httpx.AsyncClient, service: Any) -> None:
    office = await an_office(service)
    await differing(service, office, company_name="Theirs")
    await http.patch(
        f"/v1/integrations/{office.integration.integration_id}", json={"policies": {"company_name": "portal"}}
    )

    await office.edits(reference="R-1")
    await in_step(service)

    assert there(service).company_name == "Ours"
    assert await conflicts(http, status="open") == []


async def test_a_link_shows_each_field_and_why_it_is_not_in_step(http: httpx.AsyncClient, service: Any) -> None:
    office = await an_office(service)
    service.has(name="Theirs")
    service.psa.accounts_there["4711"] = replace(there(service), contact_number="ring Ann")
    await office.edits(company_name="Ours", reference="R-1")
    await in_step(service)

    link = (await http.get(f"/v1/links/{office.id}")).json()

    assert (link["state"], link["code"], link["account_standing"]) == ("trouble", "PHONE_INVALID", "active")
    fields = link["fields"]
    assert {name: each["state"] for name, each in fields.items()} == {
        "company_name": "conflict",
        "contact_number": "trouble",
        "company_address": "in_step",
        "reference": "in_step",
    }
    assert fields["contact_number"]["theirs"] == "ring Ann"
    assert fields["reference"]["origin"] == {
        "source": "portal",
        "by": "service:test",
        "at": "2026-07-01T00:00:02Z",
    }
    assert {name: fields["reference"]["last_sync"][name] for name in ("to", "previous", "value")} == {
        "to": "psa",
        "previous": "AT-4711",
        "value": "R-1",
    }
    assert fields["company_address"]["origin"]["source"] == "import"


async def test_only_a_linked_customer_of_ones_own_has_a_link(http: httpx.AsyncClient, service: Any) -> None:
    office = await an_office(service)
    theirs = await http.get(f"/v1/links/{office.id}", headers=THEIRS)
    await office.unlinks()

    unlinked = await http.get(f"/v1/links/{office.id}")

    assert (theirs.status_code, unlinked.status_code) == (404, 404)


async def test_an_undone_sync_gives_both_sides_what_was_before(http: httpx.AsyncClient, service: Any) -> None:
    office = await an_office(service)
    await office.edits(company_name="Tide")
    await in_step(service)
    at = f"/v1/links/{office.id}/fields/company_name/undo"

    answer = await http.post(at, headers={"Idempotency-Key": "k1"})
    again = await http.post(at, headers={"Idempotency-Key": "k1"})
    await service.all_said()
    assert (answer.status_code, again.status_code) == (200, 200)
    assert answer.json()["fields"]["company_name"]["state"] == "waiting"
    (changed,) = said(service, "AccountChanged")
    assert (changed["changes"], changed["source"]) == (
        {"company_name": {"from": "Tide", "to": "Wattle & Tide"}},
        "portal",
    )
    await takes(office, service)
    await in_step(service)

    assert there(service).company_name == "Wattle & Tide"
    field = (await http.get(f"/v1/links/{office.id}")).json()["fields"]["company_name"]
    assert (field["state"], field["origin"]["source"], field["origin"]["by"]) == ("in_step", "undo", "user:ann")


@pytest.mark.parametrize(("field", "status"), [("reference", 409), ("email", 404)])
async def test_what_was_never_synced_cannot_be_undone(
    http: httpx.AsyncClient, service: Any, field: str, status: int
) -> None:
    office = await an_office(service)

    answer = await http.post(f"/v1/links/{office.id}/fields/{field}/undo")

    assert answer.status_code == status
