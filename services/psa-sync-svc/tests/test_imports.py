"""An import from its request to its last word."""

from typing import Any
from uuid import uuid4

import pytest

from psa_sync_svc.domain.importing import Code, Step
from shared.contracts.answers import ImportRefused
from shared.contracts.customers import Customer, CustomerImported
from shared.contracts.topics import ANSWERS, CUSTOMERS


def imported(request_id: str, customer_id: str, *, created: bool = True) -> CustomerImported:
    customer = Customer(
        customer_id=customer_id,
        partner_id="harbour-it",
        version=1,
        status="active",
        company_name="Wattle & Tide",
        created_at="2026-07-01T00:00:00Z",
        updated_at="2026-07-01T00:00:00Z",
    )
    return CustomerImported(customer=customer, request_id=request_id, created=created)


async def test_an_account_is_read_and_answered_and_customer_svc_has_the_last_word(service: Any) -> None:
    integration, customer_id = await service.integrated(), str(uuid4())
    service.has()
    asked = {"email": "ap@wattle.example", "cc": ["b@wattle.example"], "payment_terms": {"kind": "net", "days": 14}}

    await service.command(service.importing(integration, request_id="r1", **asked))
    await service.work()

    (answer,) = service.answers()
    assert answer["request_id"] == "r1"
    assert answer["provider"] == "autotask"
    assert answer["account"]["contact_number"] == "(08) 9555 0142"
    assert {name: answer[name] for name in asked} == asked
    assert (await service.import_("r1")).status is Step.ANSWERED

    await service.hear(CUSTOMERS, imported("r1", customer_id))

    closed = await service.import_("r1")
    assert (closed.status, closed.customer_id, closed.created) == (Step.IMPORTED, customer_id, True)
    assert "fetch" not in await service.open_work()


async def test_the_answer_is_keyed_by_its_account_and_said_in_the_chain_of_its_request(service: Any) -> None:
    integration = await service.integrated()
    service.has()

    await service.command(service.importing(integration), id="m1")
    await service.work()

    (record,) = [
        each for each in service.topics.records if dict(each.headers)["ce_type"] == b"rebilling.ImportAnswered.v1"
    ]
    told = {name: value.decode() for name, value in record.headers}
    assert record.key.decode() == f"{integration.integration_id}/4711"
    assert (told["ce_correlationid"], told["ce_causationid"], told["ce_actor"]) == ("corr", "m1", "service:test")
    assert service.answers()[0]["request_id"] == "m1"


async def test_a_request_that_comes_again_is_the_same_import(service: Any) -> None:
    integration = await service.integrated()
    service.has()

    for id in ("m1", "m1", "m2"):
        await service.command(service.importing(integration, request_id="r1"), id=id)
        await service.work()

    assert len(service.answers()) == 1
    assert service.psa.calls.count("account 4711") == 1


async def test_one_request_id_for_two_requests_is_rejected_and_leaves_the_first_alone(service: Any) -> None:
    integration = await service.integrated()
    service.has()

    await service.command(service.importing(integration, request_id="r1"))
    await service.command(service.importing(integration, "4712", request_id="r1"), id="m2")
    await service.work()

    assert [data["account"]["account_id"] for data in service.answers()] == ["4711"]
    ((name, rejected),) = service.said(ANSWERS)
    assert (name, rejected["command_id"], rejected["errors"][0]["code"]) == ("CommandRejected", "m2", "ALREADY_USED")


async def test_the_same_request_id_of_another_partner_is_another_import(service: Any) -> None:
    ours, theirs = await service.integrated(), await service.integrated("tide-telecom")
    service.has()

    await service.command(service.importing(ours, request_id="r1"))
    other = service.importing(theirs, request_id="r1").model_copy(update={"partner_id": "tide-telecom"})
    await service.command(other, partner="tide-telecom")
    await service.work()

    assert sorted(data["partner_id"] for data in service.answers()) == ["harbour-it", "tide-telecom"]


@pytest.mark.parametrize("whose", ["nobody's", "another partner's"])
async def test_an_integration_that_the_partner_does_not_have_is_unknown_and_nothing_is_called(
    service: Any, whose: str
) -> None:
    theirs = await service.integrated("tide-telecom")
    await service.work()
    service.psa.calls.clear()
    id = str(uuid4()) if whose == "nobody's" else theirs.integration_id

    await service.command(service.importing(id, request_id="r1"))
    await service.work()

    (refusal,) = service.refusals()
    assert (refusal["code"], refusal["request_id"], refusal["account_id"]) == ("UNKNOWN_INTEGRATION", "r1", "4711")
    assert service.psa.calls == []


async def test_an_account_that_there_is_not_is_refused(service: Any) -> None:
    integration = await service.integrated()

    await service.command(service.importing(integration, "404", request_id="r1"))
    await service.work()

    (refusal,) = service.refusals()
    assert (refusal["code"], refusal["account_id"]) == ("NOT_FOUND", "404")


async def test_an_inactive_account_is_answered_as_what_it_is(service: Any) -> None:
    integration = await service.integrated()
    service.has(active=False)

    await service.command(service.importing(integration))
    await service.work()

    assert service.answers()[0]["account"]["active"] is False


async def test_half_a_character_in_an_account_does_not_keep_it_from_being_said(service: Any) -> None:
    integration = await service.integrated()
    service.has(name="Wattle \ud83d Tide")

    await service.command(service.importing(integration))
    await service.work()

    assert service.answers()[0]["account"]["company_name"] == "Wattle ? Tide"


async def test_values_of_any_length_are_said_short_enough_for_a_message_and_too_long_to_be_taken(service: Any) -> None:
    integration = await service.integrated()
    service.has(name="W" * 3_000_000)

    await service.command(service.importing(integration))
    await service.work()

    assert 200 < len(service.answers()[0]["account"]["company_name"]) <= 1_000


async def test_customer_svc_may_refuse_what_was_answered_and_our_own_refusals_are_not_news(service: Any) -> None:
    integration = await service.integrated()
    service.has()
    await service.command(service.importing(integration, request_id="r1"))
    await service.command(service.importing(integration, "404", request_id="r2"))
    await service.work()
    refused = {"partner_id": "harbour-it", "integration_id": integration.integration_id, "account_id": "4711"}
    errors = [{"pointer": "/email", "code": "EMAIL_INVALID", "detail": "is no address"}]
    theirs = ImportRefused(**refused, request_id="r1", code="INVALID", detail="is no address", errors=errors)

    await service.hear(ANSWERS, theirs.model_copy(update={"code": "NOT_FOUND"}), source="/psa-sync-svc")
    assert (await service.import_("r1")).status is Step.ANSWERED
    await service.hear(ANSWERS, theirs)
    await service.hear(CUSTOMERS, imported("r1", str(uuid4())))

    closed = await service.import_("r1")
    assert closed.status is Step.REFUSED
    assert closed.refusal.errors[0].code == "EMAIL_INVALID"
    assert (await service.import_("r2")).refusal.code is Code.NOT_FOUND


async def test_two_imports_of_one_account_are_both_closed_with_the_same_customer(service: Any) -> None:
    integration, customer_id = await service.integrated(), str(uuid4())
    service.has()
    for id in ("r1", "r2"):
        await service.command(service.importing(integration, request_id=id))
    await service.work()

    await service.hear(CUSTOMERS, imported("r1", customer_id))
    await service.hear(CUSTOMERS, imported("r2", customer_id, created=False))

    closed = [await service.import_(id) for id in ("r1", "r2")]
    assert [(each.customer_id, each.created) for each in closed] == [(customer_id, True), (customer_id, False)]


async def test_an_answer_to_an_import_that_is_not_ours_is_nothing(service: Any) -> None:
    await service.hear(CUSTOMERS, imported("unheard", str(uuid4())))

    assert await service.store.find("imports", {}) == []
