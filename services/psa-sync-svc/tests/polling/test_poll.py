"""What changed in the PSA is asked for from a watermark on, told to linked customers, and kept in the list."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from psa_sync_svc.handlers import mirroring, notice_account
from psa_sync_svc.workers import linked
from psa_sync_svc.workers.psa import Transient
from psa_sync_svc.workers.table import workers
from shared.contracts.topics import CUSTOMERS, PSA
from shared.engine.engine import Engine
from shared.engine.jobs import Jobs

from .watching import imported_customer, meta, next_poll, stamp, watched


async def test_an_edit_in_the_psa_is_told_to_its_customer_and_kept_in_the_list(
    service: Any, clock: Any, noticed: list[Any]
) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    service.has("4712", modified_at=stamp(hours=2))
    _, ids = await watched(service, "4711")
    noticed.clear()
    service.has("4711", "Wattle & Sons", modified_at=stamp(seconds=1))
    service.has("4713", "New", modified_at=stamp(seconds=1))

    await next_poll(service, clock)

    assert [(id, account.company_name) for id, account in noticed] == [(ids["4711"], "Wattle & Sons")]
    docs = await service.store.find("accounts", {}, sort=[("_id", 1)])
    assert [doc["account"]["company_name"] for doc in docs] == ["Wattle & Sons", "Wattle & Tide", "New"]


async def test_an_edit_in_the_psa_is_said_once_however_often_it_is_read(service: Any, clock: Any) -> None:
    integration = await service.integrated()
    account = service.has("4711", modified_at=stamp(hours=3))
    await service.hear(CUSTOMERS, imported_customer(integration, account))
    await service.work()
    service.has("4711", "Wattle & Sons", modified_at=stamp(seconds=1))

    for _ in range(3):
        await next_poll(service, clock)
    await service.engine.execute([mirroring.wanting(integration)], meta())
    await service.work()

    said = [data["changes"] for name, data in service.said(PSA) if name == "AccountChanged"]
    names = [each["company_name"] for each in said if "company_name" in each]
    assert names == [{"from": "Wattle & Tide", "to": "Wattle & Sons"}]
    assert service.psa.calls.count("poll") >= 3


async def test_a_poll_asks_from_the_newest_stamp_on_and_moves_on_with_it(service: Any, clock: Any) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    integration, _ = await watched(service, "4711")
    first = datetime.fromisoformat((await service.watch(integration)).watermark)
    newer = stamp(minutes=1)
    service.has("4711", "Wattle & Sons", modified_at=newer)

    await next_poll(service, clock)
    await next_poll(service, clock)

    since = [datetime.fromisoformat(moment) for moment in service.psa.asked_since if moment is not None]
    assert since == sorted(since)
    assert abs(first - datetime.fromisoformat(stamp(hours=3))) < timedelta(minutes=1)
    assert abs(since[-1] - datetime.fromisoformat(newer)) < timedelta(seconds=30)
    assert since[-1] <= datetime.fromisoformat(newer)


async def test_a_poll_that_breaks_off_leaves_the_watermark_and_reads_it_all_again(
    service: Any, clock: Any, noticed: list[Any]
) -> None:
    ids = [str(number) for number in range(4711, 4716)]
    for id in ids:
        service.has(id, modified_at=stamp(hours=3))
    integration, customer_of = await watched(service, *ids)
    before = (await service.watch(integration)).watermark
    for id in ids:
        service.has(id, "Wattle & Sons", modified_at=stamp(seconds=1))
    service.psa.errors = [None, Transient("the PSA is away")]
    await next_poll(service, clock)
    watch = await service.watch(integration)
    assert (watch.watermark, watch.tries, watch.trouble.code) == (before, 1, "UNAVAILABLE")
    noticed.clear()

    await next_poll(service, clock)

    assert {id for id, _ in noticed} == set(customer_of.values())
    watch = await service.watch(integration)
    assert (watch.tries, watch.trouble, watch.watermark > before) == (0, None, True)


async def test_pages_are_read_to_the_end(service: Any, clock: Any, noticed: list[Any]) -> None:
    service.has("0", modified_at=stamp(hours=3))
    await watched(service, "0", "4719")
    for number in range(4711, 4720):
        service.has(str(number), modified_at=stamp(seconds=1))
    service.psa.calls.clear()

    await next_poll(service, clock)

    assert service.psa.calls == ["poll"] * 5
    assert [account.account_id for _, account in noticed][-1] == "4719"


async def test_what_a_later_page_shows_counts_as_old_as_the_poll(
    service: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client may have asked for it long before it is answered; a push that was confirmed since is newer."""
    ids = [str(number) for number in range(4711, 4716)]
    for id in ids:
        service.has(id, modified_at=stamp(hours=3))
    await watched(service, *ids)
    seen: list[str] = []
    real = notice_account.noticing_account

    def noticing(integration: Any, customer_id: str, account_id: str, account: Any, seen_at: str, **more: Any) -> Any:
        seen.append(seen_at)
        clock.pass_(seconds=10)
        return real(integration, customer_id, account_id, account, seen_at, **more)

    monkeypatch.setattr(linked, "noticing_account", noticing)
    for id in ids:
        service.has(id, "Wattle & Sons", modified_at=stamp(seconds=1))

    await next_poll(service, clock)

    assert len(seen) >= len(ids)
    assert len(set(seen[: len(ids)])) == 1


async def test_two_instances_never_poll_one_integration_at_the_same_moment(service: Any, clock: Any) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    await watched(service, "4711")
    engine = Engine(service.store, service.relay, Jobs(service.store, "another instance"))
    another = {each.job: each for each in workers(engine, service.asking, service.settings)}["poll"]
    service.psa.calls.clear()
    service.psa.hold = asyncio.Event()
    clock.pass_(seconds=901)

    claimed = [await service.workers["poll"].step(), await another.step()]
    await service.turns()
    service.psa.hold.set()
    await service.turns()
    claimed.append(await another.step())
    await service.workers["poll"].drain()

    assert claimed == [1, 0, 0]
    assert service.psa.calls == ["poll"]


async def test_what_a_dead_process_began_is_polled_by_the_next_after_its_lease(
    service: Any, clock: Any, noticed: list[Any]
) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    await watched(service, "4711")
    service.has("4711", "Wattle & Sons", modified_at=stamp(seconds=1))
    clock.pass_(seconds=901)
    assert len(await service.engine.jobs.claim("poll", 5, 45.0)) == 1  # and dies
    noticed.clear()

    clock.pass_(seconds=46)
    await service.workers["poll"].drain()

    assert [account.company_name for _, account in noticed] == ["Wattle & Sons"]


async def test_a_poll_under_an_old_connection_tells_nothing_once_there_is_a_new_one(
    service: Any, clock: Any, noticed: list[Any]
) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    integration, _ = await watched(service, "4711")
    service.has("4711", "Wattle & Sons", modified_at=stamp(seconds=1))
    noticed.clear()
    service.psa.hold = asyncio.Event()
    clock.pass_(seconds=901)
    await service.workers["poll"].step()
    await service.turns()

    await service.reconnected(integration)
    service.psa.hold.set()
    await service.turns()

    assert noticed == []
    watch = await service.watch(integration)
    assert (watch.due_at, watch.seen_until(2)) == (None, None)


async def test_the_pace_is_shown_by_when_the_next_poll_is_due(service: Any, clock: Any) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    integration, _ = await watched(service, "4711")
    quiet = await service.watch(integration)
    await next_poll(service, clock)
    quieter = await service.watch(integration)
    service.has("4711", "Wattle & Sons", modified_at=stamp(seconds=1))
    await next_poll(service, clock)
    busy = await service.watch(integration)

    assert (quiet.pause_s, quieter.pause_s, busy.pause_s) == (60.0, 120.0, 60.0)
    assert datetime.fromisoformat(busy.due_at) - clock.now(UTC) <= timedelta(seconds=60)
