"""What a `Psa` promises, asked of the Autotask client against the simulated Autotask in a process of its own."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from psa_sync_svc.domain.account import Address, PsaAccount
from psa_sync_svc.workers.psa import AuthFailed, Permanent, Psa, RateLimited, Transient

Open = Any
Simulator = Any
CREDENTIALS = {
    "username": "api@northwind-psa.example",
    "secret": "simulated-secret",
    "integration_code": "SIMULATED0000000000000000000",
}


async def all_of(psa: Psa, **given: Any) -> list[PsaAccount]:
    return [account async for page in psa.accounts(**given) for account in page]


async def test_right_credentials_pass_the_check(simulated: Open) -> None:
    await simulated().check()


@pytest.mark.parametrize("wrong", ["username", "secret", "integration_code"])
async def test_each_wrong_credential_fails_it_after_one_try(simulated: Open, simulator: Simulator, wrong: str) -> None:
    psa = simulated(credentials=CREDENTIALS | {wrong: "somebody-else@northwind-psa.example"})

    with pytest.raises(AuthFailed):
        await psa.check()

    assert len(simulator.calls("Companies")) <= 1


async def test_an_account_in_our_names(simulated: Open) -> None:
    found = await simulated().account("29683600")

    assert found == PsaAccount(
        account_id="29683600",
        company_name="Kade & Sluis Architecten",
        contact_number="+31 20 794 6150",
        company_address=Address("Prinsengracht 8", "2e etage", "Amsterdam", None, "1017 JL", "NL"),
        reference="NW-1000",
        active=True,
        modified_at="2024-03-04T09:30:15.563000Z",
    )


async def test_names_of_every_script_come_whole(simulated: Open) -> None:
    names = {account.company_name for account in await all_of(simulated())}

    assert {"Łódzka Drukarnia Ślężańska", "Sunrise Bakery 🥐", "さくら設計事務所", "Ærø Færgefart ApS"} <= names


async def test_a_country_that_iso_withdrew_keeps_its_name(simulated: Open) -> None:
    [found] = [account for account in await all_of(simulated()) if account.company_name == "Curaçao Dive Supply"]

    assert found.company_address is not None
    assert found.company_address.country == "Netherlands Antilles"


async def test_the_company_with_id_0_is_an_account(simulated: Open) -> None:
    found = await simulated().account("0")

    assert found is not None
    assert (found.account_id, found.company_name) == ("0", "Northwind Managed IT")


async def test_what_is_not_there_is_none(simulated: Open) -> None:
    assert await simulated().account("77") is None


@pytest.mark.parametrize("account_id", ["", "abc", "-1", "007", "1.0", "٣", "29683600 ", "1" * 20, "../Countries/13"])
async def test_what_is_no_id_is_none_without_a_call(simulated: Open, simulator: Simulator, account_id: str) -> None:
    assert await simulated().account(account_id) is None
    assert simulator.control("GET", "/calls") == []


async def test_all_accounts_come_in_pages_in_the_order_of_their_ids(simulated: Open, simulator: Simulator) -> None:
    sizes, ids = [], []
    async for page in simulated().accounts():
        sizes.append(len(page))
        ids += [int(account.account_id) for account in page]

    assert sizes == [500, 500, 201]
    assert ids == sorted(set(ids))
    calls = simulator.calls("Companies")
    assert {call["method"] for call in calls} == {"POST"}
    assert len({repr(call["body"]) for call in calls}) == 1


async def test_the_inactive_ones_are_among_them(simulated: Open) -> None:
    assert [account for account in await all_of(simulated()) if not account.active]


async def test_only_what_was_changed_since(simulated: Open, simulator: Simulator) -> None:
    began = datetime.now(UTC) + timedelta(seconds=120)  # the overlap is taken off
    simulator.control("PATCH", "/companies/29683614", {"city": "Sopot"})

    found = await all_of(simulated(), modified_since=(began - timedelta(seconds=1)).isoformat())

    assert [account.account_id for account in found] == ["29683614"]


async def test_an_edit_is_seen_and_an_empty_text_is_none(simulated: Open, simulator: Simulator) -> None:
    simulator.control("PATCH", "/companies/29683621", {"address1": "", "address2": None, "city": " ", "state": "X"})

    found = await simulated().account("29683621")

    assert found is not None
    assert found.company_address == Address(region="X", postal_code="10002", country="US")


async def test_a_tenant_that_moved_is_found_in_its_new_zone(simulated: Open, simulator: Simulator) -> None:
    psa = simulated()
    await psa.check()
    simulator.control("PUT", "/zone", {"zone": "webservices15"})

    assert await psa.account("0") is not None
    assert await psa.account("29683600") is not None
    assert len(simulator.calls("zoneInformation")) == 2


async def test_a_tenant_that_moves_between_two_pages_is_read_on(simulated: Open, simulator: Simulator) -> None:
    ids: list[str] = []
    async for page in simulated().accounts():
        if not ids:
            simulator.control("PUT", "/zone", {"zone": "webservices15"})
        ids += [account.account_id for account in page]

    assert len(ids) == len(set(ids)) == 1_201


async def test_more_calls_at_a_time_than_autotask_takes_wait_for_each_other(
    simulated: Open, simulator: Simulator
) -> None:
    psa = simulated(threads=3)

    found = await asyncio.gather(*(psa.account("29683600") for _ in range(24)))

    assert all(found)
    assert {call["status"] for call in simulator.calls("Companies")} == {200}


@pytest.mark.parametrize(
    "fault",
    [
        {"status": {"code": 503, "shape": "html", "times": 2, "endpoint": "Companies"}},
        {"status": {"code": 429, "retry_after": "1", "times": 2, "endpoint": "Companies"}},
        {
            "status": {
                "code": 500,
                "text": "The API thread threshold of 3 threads has been exceeded.",
                "times": 1,
            }
        },
        {"reset": {"when": "before", "times": 2, "endpoint": "Companies"}},
        {"reset": {"when": "after_commit", "times": 1, "endpoint": "zoneInformation"}},
    ],
)
async def test_what_passes_by_itself_is_waited_out(simulated: Open, simulator: Simulator, fault: Any) -> None:
    simulator.fails(**fault)

    assert await simulated().account("0") is not None


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": {"code": 503, "shape": "empty"}}, Transient),
        ({"status": {"code": 500, "shape": "html"}}, Transient),
        ({"status": {"code": 500, "shape": "message"}}, Transient),
        ({"status": {"code": 500, "endpoint": "Companies"}}, Transient),
        ({"status": {"code": 409, "text": "concurrency"}}, Transient),
        ({"status": {"code": 500, "text": "Missing Required Field: phone", "endpoint": "Companies"}}, Permanent),
        ({"status": {"code": 403, "endpoint": "Companies"}}, Permanent),
        ({"status": {"code": 405, "shape": "message"}}, Permanent),
        ({"status": {"code": 401, "endpoint": "Companies"}}, AuthFailed),
        ({"status": {"code": 429, "endpoint": "Companies"}}, RateLimited),
        ({"broken": {"kind": "html"}}, Transient),
        ({"broken": {"kind": "truncated"}}, Transient),
        ({"broken": {"kind": "other_shape"}}, Permanent),
        ({"reset": {"when": "before"}}, Transient),
    ],
)
async def test_each_failure_is_told_by_what_is_to_be_done(
    simulated: Open, simulator: Simulator, fault: Any, error: type[Exception]
) -> None:
    simulator.fails(**fault)

    with pytest.raises(error) as told:
        await simulated().account("0")

    assert told.type.__mro__.index(error) <= 1
    assert CREDENTIALS["secret"] not in str(told.value)
    assert "Missing Required" not in str(told.value)


async def test_an_answer_that_does_not_come_ends_in_time(simulated: Open, simulator: Simulator) -> None:
    simulator.fails(slow={"s": 600, "endpoint": "Companies"})

    with pytest.raises(Transient, match="in time"):
        await simulated(attempt_limit_s=0.2).account("0")


async def test_a_refusal_of_the_application_is_not_tried_again(simulated: Open, simulator: Simulator) -> None:
    simulator.fails(status={"code": 500, "text": "no", "endpoint": "Companies"})

    with pytest.raises(Permanent):
        await simulated().account("0")

    assert len(simulator.calls("Companies")) == 1


async def test_a_deleted_account_is_none_and_a_deactivated_one_is_inactive(
    simulated: Open, simulator: Simulator
) -> None:
    new = {"companyName": "A", "companyType": 1, "ownerResourceID": 29682885, "phone": "1"}
    psa, number = simulated(), str(simulator.control("POST", "/companies", new)["id"])
    simulator.control("PATCH", f"/companies/{number}", {"isActive": False})
    found = await psa.account(number)
    assert found is not None
    assert not found.active

    simulator.control("DELETE", f"/companies/{number}")

    assert await psa.account(number) is None
