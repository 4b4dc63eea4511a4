"""A webhook is taken once, and no more than a hint: what it is about is read soon."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from psa_sync_svc.domain.integration import Integration

from .sending import at, event, everything, linked, looks_at, problems, secret_of, signed


async def test_a_webhook_of_a_linked_account_has_it_read_at_once_and_calls_no_psa(
    http: httpx.AsyncClient, service: Any, autotask: Integration
) -> None:
    secret = await secret_of(http, autotask)
    customer_id = await linked(service, autotask)
    service.psa.calls.clear()
    body = event()

    answer = await http.post(at(autotask), content=body, headers=signed(secret, body))

    assert (answer.status_code, answer.json()) == (200, {"accepted": True})
    assert await looks_at(service, customer_id)
    assert service.psa.calls == []


async def test_a_webhook_of_an_account_that_nobody_is_linked_with_makes_a_poll_due_now(
    http: httpx.AsyncClient, service: Any, autotask: Integration
) -> None:
    secret = await secret_of(http, autotask)
    customer_id = await linked(service, autotask)
    before = await service.watch(autotask)
    body = event(4799)

    await http.post(at(autotask), content=body, headers=signed(secret, body))

    watch = await service.watch(autotask)
    assert datetime.fromisoformat(watch.due_at) < datetime.fromisoformat(before.due_at)
    assert watch.wanted == before.wanted + 1
    assert not await looks_at(service, customer_id)


async def test_where_nobody_is_linked_a_webhook_is_one_poll_and_no_more(
    http: httpx.AsyncClient, service: Any, autotask: Integration, clock: Any
) -> None:
    secret, body = await secret_of(http, autotask), event(4799)
    await http.post(at(autotask), content=body, headers=signed(secret, body))
    service.psa.calls.clear()

    for _ in range(4):
        clock.pass_(seconds=901)
        await service.work()

    assert service.psa.calls == ["poll"]


async def test_the_same_delivery_is_taken_once(http: httpx.AsyncClient, service: Any, autotask: Integration) -> None:
    secret = await secret_of(http, autotask)
    await linked(service, autotask)
    body = event()
    await http.post(at(autotask), content=body, headers=signed(secret, body))
    before = await everything(service)

    again = await http.post(at(autotask), content=body, headers=signed(secret, body))

    assert (again.status_code, problems(again)) == (401, ["REPLAYED"])
    assert await everything(service) == before
    assert len(before["deliveries"]) == 1


async def test_a_delivery_that_is_too_old_to_be_remembered_is_refused_and_forgotten_ones_make_room(
    http: httpx.AsyncClient, service: Any, autotask: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, body = await secret_of(http, autotask), event()
    await http.post(at(autotask), content=body, headers=signed(secret, body))
    later = int((datetime.now(UTC) + timedelta(days=3)).timestamp() * 1000)
    monkeypatch.setattr("shared.engine.leases.now_ms", lambda: later)

    forgotten = await service.deliveries.forget_old()
    again = await http.post(at(autotask), content=body, headers=signed(secret, body))

    assert forgotten == 1
    assert (again.status_code, problems(again)) == (401, ["REPLAYED"])


async def test_what_is_about_something_else_is_taken_and_does_nothing(
    http: httpx.AsyncClient, service: Any, autotask: Integration
) -> None:
    secret = await secret_of(http, autotask)
    before = (await everything(service))["watches"]

    for body in (event(EntityType="Contact"), event(None), event("4711; drop"), event(True), event({"a": 1})):
        assert (await http.post(at(autotask), content=body, headers=signed(secret, body))).status_code == 200

    assert (await everything(service))["watches"] == before


async def test_many_deliveries_at_the_same_moment_are_all_taken(
    http: httpx.AsyncClient, service: Any, autotask: Integration
) -> None:
    secret, bodies = await secret_of(http, autotask), [event() for _ in range(20)]

    answers = await asyncio.gather(
        *(http.post(at(autotask), content=body, headers=signed(secret, body)) for body in bodies)
    )

    assert {answer.status_code for answer in answers} == {200}
    assert len((await everything(service))["deliveries"]) == 20
