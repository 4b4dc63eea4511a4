"""Polling: what changed in the PSA is asked for from a watermark on, told to linked customers, and kept in the list."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from psa_sync_svc.domain.account import PsaAccount
from psa_sync_svc.domain.integration import Edit, Integration, Status
from psa_sync_svc.handlers import change_integration, mirroring, notice_account
from psa_sync_svc.workers import linked
from psa_sync_svc.workers.asking import works
from psa_sync_svc.workers.psa import AuthFailed, Permanent, RateLimited, Transient
from psa_sync_svc.workers.table import workers
from shared.contracts import customers
from shared.contracts.topics import CUSTOMERS, PSA
from shared.engine.change import Meta
from shared.engine.engine import Engine
from shared.engine.jobs import Jobs


def stamp(**ago: float) -> str:
    return (datetime.now(UTC) - timedelta(**ago)).isoformat().replace("+00:00", "Z")


def linked_customer(integration: Integration | str, account_id: str | None, version: int = 1, id: str = "") -> Any:
    integration_id = integration if isinstance(integration, str) else integration.integration_id
    link = {"integration_id": integration_id, "account_id": account_id, "link_version": 1}
    customer = {
        "customer_id": id or str(uuid4()),
        "partner_id": "harbour-it",
        "version": version,
        "status": "active",
        "company_name": "Wattle & Tide",
        "integration": link if account_id else None,
        "created_at": "2026-07-01T00:00:00Z",
        "updated_at": "2026-07-01T00:00:00Z",
    }
    event = customers.CustomerLinked if account_id else customers.CustomerUnlinked
    return event.model_validate({"customer": customer})


def imported_customer(integration: Integration, account: PsaAccount) -> Any:
    """As customer-svc makes one out of an account."""
    customer = linked_customer(integration, account.account_id).customer
    return customers.CustomerCreated(
        customer=customer.model_copy(update={"company_name": account.company_name}), source="import"
    )


def meta(partner: str = "harbour-it") -> Meta:
    id = str(uuid4())
    return Meta(partner, "/test", id, "test", datetime.now(UTC), "user:ann", id)


@pytest.fixture
def noticed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, PsaAccount | None]]:
    """What links were told, in order; they are told it all the same."""
    told: list[tuple[str, PsaAccount | None]] = []
    real = notice_account.noticing_account

    def noticing(integration: Any, customer_id: str, account_id: str, account: Any, seen_at: str, **more: Any) -> Any:
        told.append((customer_id, account))
        return real(integration, customer_id, account_id, account, seen_at, **more)

    monkeypatch.setattr(linked, "noticing_account", noticing)
    return told


async def watched(service: Any, *account_ids: str) -> tuple[Integration, dict[str, str]]:
    """An integration whose list was read, with a customer linked with each of these accounts."""
    integration = await service.integrated()
    events = {account_id: linked_customer(integration, account_id) for account_id in account_ids}
    for event in events.values():
        await service.hear(CUSTOMERS, event)
    await service.work()
    await service.work()
    return integration, {account_id: event.customer.customer_id for account_id, event in events.items()}


async def next_poll(service: Any, clock: Any) -> None:
    clock.pass_(seconds=901)
    await service.workers["poll"].drain()
    await service.all_said()


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


async def test_a_pause_that_the_psa_asks_for_is_kept(service: Any, clock: Any) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    await watched(service, "4711")
    service.psa.errors = [RateLimited("too many calls", 3_000.0)]
    await next_poll(service, clock)
    service.psa.calls.clear()

    await next_poll(service, clock)
    assert service.psa.calls == []

    clock.pass_(seconds=3_000)
    await next_poll(service, clock)
    assert service.psa.calls == ["poll"]


async def test_refused_credentials_end_it_until_they_are_changed(service: Any, clock: Any) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    integration, _ = await watched(service, "4711")
    service.psa.errors = [AuthFailed("not taken")]
    await next_poll(service, clock)
    assert (await service.integration(integration.integration_id)).status is Status.AUTH_FAILED
    assert await service.open_work() == {}
    service.psa.calls.clear()

    await next_poll(service, clock)
    assert service.psa.calls == []

    change: Edit = {"credentials": service.sealed(integration)}
    await service.engine.execute(
        change_integration.edit(integration.integration_id, change, expected_version=None), meta()
    )
    await service.work()
    assert service.psa.calls == ["page", "poll"]


async def test_a_test_that_works_lets_it_go_on(service: Any, clock: Any) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    integration, _ = await watched(service, "4711")
    service.psa.errors = [AuthFailed("not taken")]
    await next_poll(service, clock)

    failed = await service.integration(integration.integration_id)
    await service.engine.execute(change_integration.test(failed, works(failed)), meta())

    assert (await service.watch(integration)).watching is True


async def test_trouble_that_stays_is_tried_again_seldom(service: Any, clock: Any) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    integration, _ = await watched(service, "4711")
    service.psa.errors = [Permanent("no such address")]

    await next_poll(service, clock)

    watch = await service.watch(integration)
    assert (watch.watching, watch.trouble.code) == (True, "INVALID")
    assert timedelta(seconds=800) < datetime.fromisoformat(watch.due_at) - clock.now(UTC) < timedelta(seconds=901)


async def test_a_deleted_integration_is_polled_no_more(service: Any, clock: Any) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    integration, _ = await watched(service, "4711")

    await service.removed(integration)
    await service.work()
    service.psa.calls.clear()
    await next_poll(service, clock)

    assert service.psa.calls == []
    assert await service.open_work() == {}


async def test_where_nobody_is_linked_nothing_is_polled(service: Any, clock: Any) -> None:
    service.has("4711", modified_at=stamp(hours=3))

    integration, _ = await watched(service)
    await next_poll(service, clock)

    assert service.psa.calls == ["page"]
    assert (await service.watch(integration)).watching is False


async def test_when_the_last_link_ends_polling_ends_and_begins_again_with_the_next(service: Any, clock: Any) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    integration, ids = await watched(service, "4711")
    await service.hear(CUSTOMERS, linked_customer(integration, None, 2, ids["4711"]))
    for _ in range(2):
        await next_poll(service, clock)
    assert (await service.watch(integration)).watching is False
    service.psa.calls.clear()

    await service.hear(CUSTOMERS, linked_customer(integration, "4711", 3, ids["4711"]))
    await next_poll(service, clock)

    assert service.psa.calls == ["poll"]


async def test_a_link_that_is_made_while_the_last_was_found_ended_is_not_forgotten(service: Any, clock: Any) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    integration, ids = await watched(service, "4711")
    await service.hear(CUSTOMERS, linked_customer(integration, None, 2, ids["4711"]))
    await next_poll(service, clock)

    await service.hear(CUSTOMERS, linked_customer(integration, "4711"))
    await next_poll(service, clock)
    await next_poll(service, clock)

    assert (await service.watch(integration)).watching is True


async def test_a_link_that_names_nothing_or_anothers_integration_polls_nothing(service: Any, clock: Any) -> None:
    theirs = await service.integrated("tide-telecom")
    await service.work()
    service.psa.calls.clear()

    for named in (theirs, str(uuid4())):
        await service.hear(CUSTOMERS, linked_customer(named, "4711"))
    await next_poll(service, clock)

    assert service.psa.calls == []
    assert len(await service.store.find("links", {})) == 2


async def test_before_the_list_was_read_whole_it_is_waited_for(service: Any, clock: Any) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    service.psa.errors = [Transient("the PSA is away")]
    integration, _ = await watched(service, "4711")
    assert service.psa.calls == ["page", "account 4711"]

    clock.pass_(seconds=61)
    await service.work()

    assert service.psa.calls == ["page", "account 4711", "page", "poll"]
    assert (await service.watch(integration)).trouble is None


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


async def test_once_a_day_the_whole_list_is_read_and_what_polls_missed_is_told(
    service: Any, clock: Any, noticed: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    old = stamp(hours=3)
    service.has("4711", modified_at=old)
    service.has("4712", modified_at=stamp(hours=1))
    await watched(service, "4711")
    service.has("4711", "Edited behind the stamps", modified_at=old)
    for _ in range(2):
        await next_poll(service, clock)
    assert "Edited behind the stamps" not in {account.company_name for _, account in noticed if account}

    monkeypatch.setattr("psa_sync_svc.workers.poll.now", lambda: stamp(days=-1.01))
    await next_poll(service, clock)
    await service.work()

    assert noticed[-1][1].company_name == "Edited behind the stamps"
    assert service.psa.calls.count("page") == 2


async def test_a_whole_list_without_a_linked_account_has_that_one_read_by_itself(
    service: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for id in ("4711", "4712"):
        service.has(id, modified_at=stamp(hours=3))
    integration, ids = await watched(service, "4711", "4712")
    hinted: list[tuple[str, str]] = []
    real = notice_account.hinting

    def hinting(integration: Any, customer_id: str, account_id: str) -> Any:
        hinted.append((customer_id, account_id))
        return real(integration, customer_id, account_id)

    monkeypatch.setattr(linked, "hinting", hinting)
    del service.psa.accounts_there["4712"]

    await service.engine.execute([mirroring.wanting(integration)], meta())
    await service.work()

    assert hinted == [(ids["4712"], "4712")]


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


def standings(service: Any) -> list[tuple[str, str]]:
    return [
        (data["previous"], data["standing"]) for name, data in service.said(PSA) if name == "AccountStandingChanged"
    ]


async def test_an_account_that_is_switched_off_and_on_there_is_said_each_time_once(service: Any, clock: Any) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    await watched(service, "4711")

    for active in (True, False, False, True):
        service.has("4711", active=active, modified_at=stamp(seconds=1))
        await next_poll(service, clock)

    assert standings(service) == [("active", "inactive"), ("inactive", "active")]


async def test_an_account_that_the_whole_list_lacks_is_read_by_itself_before_it_is_said_to_be_gone(
    service: Any, clock: Any
) -> None:
    for id in ("4711", "4712"):
        service.has(id, modified_at=stamp(hours=3))
    integration, ids = await watched(service, "4711", "4712")
    account = service.psa.accounts_there.pop("4712")
    service.psa.calls.clear()

    for _ in range(2):
        await service.engine.execute([mirroring.wanting(integration)], meta())
        await service.work()
    gone = [data for name, data in service.said(PSA) if name == "AccountStandingChanged"]
    service.psa.accounts_there["4712"] = account
    await service.engine.execute([mirroring.wanting(integration)], meta())
    await service.work()

    assert [(data["customer_id"], data["standing"], data["account"]["account_id"]) for data in gone] == [
        (ids["4712"], "gone", "4712")
    ]
    assert service.psa.calls.count("account 4712") == 2
    assert standings(service) == [("active", "gone"), ("gone", "active")]


async def test_a_list_that_lacks_what_is_there_all_the_same_makes_nothing_gone(service: Any, clock: Any) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    integration, _ = await watched(service, "4711")
    service.psa.hidden = {"4711"}

    await service.engine.execute([mirroring.wanting(integration)], meta())
    await service.work()

    assert standings(service) == []
