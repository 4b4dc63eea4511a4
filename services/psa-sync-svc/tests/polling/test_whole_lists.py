"""A whole list, read once a day, finds what polls missed and which accounts are gone."""

from typing import Any

import pytest

from psa_sync_svc.handlers import mirroring, notice_account
from psa_sync_svc.workers import linked
from psa_sync_svc.workers.psa import Transient
from shared.contracts.topics import PSA

from .watching import meta, next_poll, stamp, watched


async def test_before_the_list_was_read_whole_it_is_waited_for(service: Any, clock: Any) -> None:
    service.has("4711", modified_at=stamp(hours=3))
    service.psa.errors = [Transient("the PSA is away")]
    integration, _ = await watched(service, "4711")
    assert service.psa.calls == ["page", "account 4711"]

    clock.pass_(seconds=61)
    await service.work()

    assert service.psa.calls == ["page", "account 4711", "page", "poll"]
    assert (await service.watch(integration)).trouble is None


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
