"""What instances share of a tenant's budget, and what becomes of it where one ends, or the store is away."""

import asyncio
from typing import Any

import pytest

from psa_sync_svc.adapters.budget import desk
from psa_sync_svc.domain.allowance import Terms, Window
from psa_sync_svc.workers.psa import NotAsked, Purpose, RateLimited
from psa_sync_svc.workers.time_limits import within

Launch = Any
Psa = Any
Store = Any
Budget = Any
HOURLY = Terms((Window(2_000, 3600.0),), threads=3, background=0.5)
FEW = Terms((Window(20, 3600.0),), threads=3, background=0.5, interactive=0.9)


async def ask(instance: Any, purpose: Purpose = Purpose.BACKGROUND, endpoint: str = "Companies") -> None:
    async with instance.rate(purpose).place(endpoint):
        await asyncio.sleep(0)


async def asked_in_vain(instance: Any, purpose: Purpose = Purpose.BACKGROUND, endpoint: str = "Companies") -> float:
    with pytest.raises(RateLimited) as told:
        await ask(instance, purpose, endpoint)
    return told.value.retry_after_s


async def test_not_each_call_is_a_write(fallible: Store, launched: Launch) -> None:
    instance = launched(fallible, HOURLY)

    for _ in range(200):
        await ask(instance)

    assert fallible.writes <= 15


async def test_what_one_instance_was_told_to_wait_all_wait(store: Store, launched: Launch) -> None:
    one, other = launched(store, HOURLY), launched(store, HOURLY, off_s=3.0)
    await ask(other)

    with pytest.raises(RateLimited):
        async with one.rate().place("Companies"):
            raise RateLimited("the PSA takes no more", 120.0)

    assert 115 < await asked_in_vain(one) <= 120
    assert 118 < await asked_in_vain(other) <= 125
    assert 118 < await asked_in_vain(other, Purpose.INTERACTIVE, "Countries") <= 125
    for instance in (one, other):
        instance.clock.ahead_s = 126.0
        await ask(instance)


async def test_the_limit_that_a_psa_names_is_kept_to_by_all(store: Store, launched: Launch, budget: Budget) -> None:
    one, other = launched(store, HOURLY), launched(store, HOURLY)

    await one.rate().tell(limit=4)

    assert (await budget(store))["allowance"]["limit"] == 4
    await ask(other)
    await ask(other)
    assert await asked_in_vain(other, endpoint="Countries") > 3000


async def test_calls_that_nobody_waits_for_stop_before_the_limit_and_a_persons_go_on(
    store: Store, launched: Launch
) -> None:
    one, other = launched(store, FEW), launched(store, FEW)
    for _ in range(5):
        await ask(one)
        await ask(other)

    assert await asked_in_vain(one) > 3000
    assert await asked_in_vain(other) > 3000
    for _ in range(4):
        await ask(one, Purpose.INTERACTIVE)
        await ask(other, Purpose.INTERACTIVE)
    assert await asked_in_vain(one, Purpose.INTERACTIVE) > 3000


async def test_what_was_not_used_is_given_back(store: Store, launched: Launch, budget: Budget) -> None:
    one = launched(store, HOURLY)
    for _ in range(4):
        await ask(one)
    one.clock.ahead_s = 11.0

    await one.rates.tidy()

    found = await budget(store)
    assert (found["allowance"]["held"], sum(found["allowance"]["made"].values())) == ({}, 4)
    assert found["turns"]["lent"] == []


async def test_what_a_process_held_that_died_counts_as_used_and_its_turns_come_back(
    store: Store, launched: Launch, budget: Budget
) -> None:
    dead, other = launched(store, HOURLY), launched(store, HOURLY)
    for _ in range(3):
        await ask(dead)
    hung = [dead.rate(Purpose.INTERACTIVE).place("Companies") for _ in range(3)]
    for each in hung:
        await each.__aenter__()
    before = (await budget(store))["allowance"]
    held = sum(each["number"] for each in before["held"].values())

    other.clock.ahead_s = 20.0
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await ask(other, Purpose.INTERACTIVE)
    other.clock.ahead_s = 40.0
    await ask(other, Purpose.INTERACTIVE)

    assert held > 0
    assert sum((await budget(store))["allowance"]["made"].values()) >= sum(before["made"].values()) + held
    for each in hung:
        await each.__aexit__(None, None, None)


@pytest.mark.parametrize("outer_s", [0.3, 5.0])
async def test_a_call_whose_time_is_over_while_it_stands_in_line_was_not_asked(
    store: Store, launched: Launch, outer_s: float
) -> None:
    terms = Terms(threads=1, request_s=30.0)
    dead, other = launched(store, terms), launched(store, terms)
    hung = dead.rate().place("any")
    await hung.__aenter__()

    with pytest.raises(NotAsked, match="its turn"):
        async with within(outer_s), within(0.6), other.rate().place("any"):
            pass

    await hung.__aexit__(None, None, None)


async def test_a_turn_is_passed_on_to_an_instance_that_waits_for_it(store: Store, launched: Launch) -> None:
    terms = Terms(threads=1, request_s=30.0)
    one, other = launched(store, terms), launched(store, terms)
    order: list[str] = []

    async def work(name: str, instance: Any) -> None:
        for _ in range(6):
            async with instance.rate().place("any"):
                order.append(name)
                await asyncio.sleep(0.05)

    async with asyncio.timeout(60):
        await asyncio.gather(work("one", one), work("other", other))

    assert "".join(name[0] + name[1] for name in order[:6]) not in ("on" * 6, "ot" * 6)
    assert order.count("one") == order.count("other") == 6


async def test_a_persons_call_goes_before_all_that_wait(store: Store, launched: Launch, budget: Budget) -> None:
    terms = Terms(threads=1, request_s=30.0)
    one, other = launched(store, terms), launched(store, terms)
    order: list[Purpose] = []

    async def call(instance: Any, purpose: Purpose) -> None:
        async with instance.rate(purpose).place("any"):
            order.append(purpose)

    async def until_in_line(number: int) -> None:
        while True:
            if len((await budget(store))["turns"]["line"]) == number:
                return
            await asyncio.sleep(0.02)

    async with asyncio.timeout(60):
        async with one.rate().place("any"):
            waiting = [asyncio.create_task(call(other, Purpose.BACKGROUND)) for _ in range(2)]
            await until_in_line(1)
            waiting.append(asyncio.create_task(call(other, Purpose.INTERACTIVE)))
            await until_in_line(2)
        await asyncio.gather(*waiting)

    assert order == [Purpose.INTERACTIVE, Purpose.BACKGROUND, Purpose.BACKGROUND]


async def test_while_the_store_is_away_a_person_gets_a_few_answers_and_others_come_again(
    fallible: Store, launched: Launch, budget: Budget
) -> None:
    instance = launched(fallible, HOURLY)
    await ask(instance)
    fallible.away = True

    with pytest.raises(NotAsked, match="looked up"):
        await ask(instance)
    for _ in range(10):
        await ask(instance, Purpose.INTERACTIVE)
    assert await asked_in_vain(instance, Purpose.INTERACTIVE) < 10

    fallible.away = False
    await ask(instance)
    await instance.rates.close()
    assert sum((await budget(fallible))["allowance"]["made"].values()) == 12


async def test_a_store_that_hangs_holds_up_no_person(
    fallible: Store, launched: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(collection: str, id: str) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(desk, "STORE_S", 0.05)
    monkeypatch.setattr("psa_sync_svc.adapters.budget.shared.STORE_S", 0.05)
    monkeypatch.setattr(fallible, "get", never)

    async with asyncio.timeout(30):
        await ask(launched(fallible, HOURLY), Purpose.INTERACTIVE)


async def test_one_instance_is_to_ask_the_vendor_how_much_is_used(store: Store, launched: Launch) -> None:
    terms = Terms((Window(100, 3600.0),), background=0.5, interactive=0.9, reading_s=300.0)
    one, other = launched(store, terms), launched(store, terms)
    await ask(one)
    await ask(other)

    asked = [one.rate().wants_reading, one.rate().wants_reading, other.rate().wants_reading]
    await one.rate().tell(limit=100, used=49)

    assert asked == [True, False, False]
    assert await asked_in_vain(other, endpoint="Countries") > 0
    await ask(other, Purpose.INTERACTIVE)


async def test_partners_share_nothing_and_clients_of_one_tenant_everything(fallible: Store, launched: Launch) -> None:
    instance = launched(fallible, FEW)
    for _ in range(10):
        await ask(instance)

    with pytest.raises(RateLimited):
        async with instance.rate(integration_id="i-2").place("Companies"):
            pytest.fail("the other integration has a budget of its own")
    async with instance.rate(partner_id="another").place("Companies"):
        assert len(await fallible.find("budgets", {})) == 2
