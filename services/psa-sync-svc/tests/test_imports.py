"""An import from its request to its last word, whatever the PSA does."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from psa_sync_svc.domain.importing import Code, Step
from psa_sync_svc.domain.integration import Status
from psa_sync_svc.workers.psa import AuthFailed, Permanent, RateLimited, Transient
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
