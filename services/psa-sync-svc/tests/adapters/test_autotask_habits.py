"""What only Autotask does, asked of the simulated one in its own process; conformance/ has what every PSA promises."""

import asyncio
from typing import Any

import pytest

from psa_sync_svc.workers.psa import AuthFailed, Permanent, RateLimited, Transient

Open = Any
Simulator = Any
CREDENTIALS = {
    "username": "api@northwind-psa.example",
    "secret": "simulated-secret",
    "integration_code": "SIMULATED0000000000000000000",
}


async def test_the_company_with_id_0_is_an_account(simulated: Open) -> None:
    found = await simulated().account("0")

    assert found is not None
    assert (found.account_id, found.company_name) == ("0", "Northwind Managed IT")


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


async def test_a_tenant_that_moved_is_found_in_its_new_zone(simulated: Open, simulator: Simulator) -> None:
    psa = simulated()
    await psa.check()
    simulator.asks("PUT", "/zone", {"zone": "webservices15"})

    assert await psa.account("0") is not None
    assert await psa.account("29683600") is not None
    assert len(simulator.calls("zoneInformation")) == 2


async def test_a_tenant_that_moves_between_two_pages_is_read_on(simulated: Open, simulator: Simulator) -> None:
    ids: list[str] = []
    async for page in simulated().accounts():
        if not ids:
            simulator.asks("PUT", "/zone", {"zone": "webservices15"})
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


async def test_a_refusal_of_the_application_is_not_tried_again(simulated: Open, simulator: Simulator) -> None:
    simulator.fails(status={"code": 500, "text": "no", "endpoint": "Companies"})

    with pytest.raises(Permanent):
        await simulated().account("0")

    assert len(simulator.calls("Companies")) == 1
