"""The copy of an account list: read whole, in pages, under a lease, and again when it is wanted."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from psa_sync_svc.domain.integration import Edit, Status
from psa_sync_svc.handlers import change_integration, mirroring
from psa_sync_svc.workers.accounts import Accounts
from psa_sync_svc.workers.psa import AuthFailed, Permanent, RateLimited, Transient
from shared.engine.change import Meta
from shared.engine.jobs import Deletion
from shared.engine.work import Work


def meta() -> Meta:
    id = str(uuid4())
    return Meta("harbour-it", "/test", id, "test", datetime.now(UTC), "user:ann", id)


async def names(service: Any, *, gone: bool = False) -> list[str]:
    docs = await service.store.find("accounts", {"gone": gone}, sort=[("order", 1)])
    return [doc["account"]["company_name"] for doc in docs]


async def test_a_new_integration_has_its_list_read_in_pages(service: Any) -> None:
    for number in range(5):
        service.has(f"{number}", f"Account {number}")

    integration = await service.integrated()
    await service.work()

    mirror = await service.mirror(integration.integration_id)
    assert await names(service) == [f"Account {number}" for number in range(5)]
    assert (mirror.accounts, mirror.trouble, mirror.due) == (5, None, False)
    assert mirror.mirrored_at is not None
    assert (await service.integration(integration.integration_id)).status is Status.CONNECTED
    assert await service.open_work() == {}


async def test_a_list_that_is_read_again_writes_what_changed_and_marks_what_is_gone(service: Any) -> None:
    for id, name in (("1", "Anchor"), ("2", "Buoy"), ("3", "Crane")):
        service.has(id, name)
    integration = await service.integrated()
    await service.work()
    before = {doc["_id"]: doc["rev"] for doc in await service.store.find("accounts", {})}
    service.has("2", "Beacon")
    del service.psa.accounts_there["3"]

    await service.engine.execute([mirroring.wanting(integration)], meta())
    await service.work()

    after = {doc["_id"]: doc["rev"] for doc in await service.store.find("accounts", {})}
    assert await names(service) == ["Anchor", "Beacon"]
    assert await names(service, gone=True) == ["Crane"]
    assert sum(after[id] != rev for id, rev in before.items()) == 2


async def test_a_list_that_is_wanted_again_while_its_reading_ends_does_not_wait_for_the_end_of_its_lease(
    service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        service.has(f"{number}", f"Account {number}")
    integration, jobs = await service.integrated(), service.engine.jobs
    take_away, prolong = jobs.take_away, jobs.prolong

    async def prolong_by_more(work: Work, lease_s: float) -> Work | None:
        """As when a page takes its time: in the same millisecond both leases would end alike."""
        longer: Work | None = await prolong(work, lease_s + 1.0)
        return longer

    async def wanted_before(over: Sequence[Deletion]) -> None:
        if any(id.startswith("mirror/") for id, _ in over):
            monkeypatch.setattr(jobs, "take_away", take_away)
            await service.engine.execute([mirroring.wanting(integration)], meta())
        await take_away(over)

    monkeypatch.setattr(jobs, "prolong", prolong_by_more)
    monkeypatch.setattr(jobs, "take_away", wanted_before)
    await service.work()

    mirror = await service.mirror(integration.integration_id)
    assert (mirror.due, mirror.served) == (False, 2)
    assert await service.open_work() == {}


async def test_an_account_that_comes_back_is_no_longer_gone(service: Any) -> None:
    service.has("1", "Anchor")
    integration = await service.integrated()
    await service.work()
    account = service.psa.accounts_there.pop("1")
    for _ in range(2):
        await service.engine.execute([mirroring.wanting(integration)], meta())
        await service.work()
        service.psa.accounts_there["1"] = account

    assert await names(service) == ["Anchor"]


async def test_one_integrations_reading_leaves_anothers_accounts_alone(service: Any) -> None:
    service.has("1", "Anchor")
    one, _ = await service.integrated(), await service.integrated("tide-telecom")
    await service.work()
    service.psa.accounts_there.clear()

    await service.engine.execute([mirroring.wanting(one)], meta())
    await service.work()

    docs = await service.store.find("accounts", {"gone": False})
    assert [doc["partner_id"] for doc in docs] == ["tide-telecom"]


@pytest.fixture
def at_most_four(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REBILLING_PSA__LIST_MOST_ACCOUNTS", "4")


@pytest.mark.usefixtures("at_most_four")
async def test_a_list_without_an_end_is_told_as_trouble_and_nothing_of_it_is_marked_as_gone(service: Any) -> None:
    for number in range(4):
        service.has(f"{number}", f"Account {number}")
    integration = await service.integrated()
    await service.work()
    del service.psa.accounts_there["3"]
    for number in range(100, 200):
        service.has(f"{number}", f"Account {number}")

    await service.engine.execute([mirroring.wanting(integration)], meta())
    await service.work()

    mirror = await service.mirror(integration.integration_id)
    assert (mirror.accounts, mirror.due, mirror.trouble.code) == (4, False, "INVALID")
    assert "more than 4 accounts" in mirror.trouble.detail
    assert await names(service, gone=True) == []
    assert "Account 3" in await names(service)
    assert await service.store.count("accounts", {}) < 10


@pytest.mark.usefixtures("at_most_four")
async def test_pages_without_accounts_come_to_an_end_too(service: Any) -> None:
    service.psa.endless = True

    integration = await service.integrated()
    await service.work()

    mirror = await service.mirror(integration.integration_id)
    assert (mirror.mirrored_at, mirror.trouble.code) == (None, "INVALID")


async def test_a_reading_that_breaks_off_keeps_the_old_list_and_is_tried_again(service: Any, clock: Any) -> None:
    for number in range(5):
        service.has(f"{number}", f"Account {number}")
    service.psa.errors = [Transient("the PSA is away")]
    integration = await service.integrated()
    await service.work()
    mirror = await service.mirror(integration.integration_id)
    assert (mirror.mirrored_at, mirror.trouble.code, mirror.due) == (None, "UNAVAILABLE", True)

    clock.pass_(seconds=10)
    await service.work()

    mirror = await service.mirror(integration.integration_id)
    assert (mirror.accounts, mirror.trouble) == (5, None)


async def test_a_reading_that_breaks_off_at_a_later_page_is_tried_again_as_soon(service: Any, clock: Any) -> None:
    for number in range(5):
        service.has(f"{number}", f"Account {number}")
    service.psa.errors = [None, Transient("the PSA is away")]
    integration = await service.integrated()
    await service.work()

    clock.pass_(seconds=3)
    await service.work()

    assert (await service.mirror(integration.integration_id)).accounts == 5


async def test_a_new_address_is_read_as_soon_as_the_reading_of_the_old_one_notices(service: Any, clock: Any) -> None:
    service.has("1", "Anchor")
    service.psa.hold = asyncio.Event()
    integration = await service.integrated()
    await service.workers["mirror"].step()
    await service.turns()

    await service.reconnected(integration)
    service.psa.hold.set()
    await service.turns()
    await service.work()

    assert await names(service) == ["Anchor"]
    assert service.psa.opened[-1].base_url == "https://another.example"


async def test_what_an_old_address_asked_for_or_told_does_not_hold_up_the_new_one(service: Any, clock: Any) -> None:
    service.has("1", "Anchor")
    service.psa.hold = asyncio.Event()
    integration = await service.integrated()
    await service.workers["mirror"].step()
    await service.turns()

    await service.reconnected(integration)
    service.psa.errors = [RateLimited("the hour's calls are used up", 3600.0)]
    service.psa.hold.set()
    await service.turns()
    mirror = await service.mirror(integration.integration_id)
    assert (mirror.due, mirror.due_at, mirror.trouble) == (True, None, None)
    await service.work()

    assert await names(service) == ["Anchor"]


async def test_values_of_any_length_fit_into_the_list(service: Any) -> None:
    service.has("1", "W" * 3_000_000)

    await service.integrated()
    await service.work()

    (doc,) = await service.store.find("accounts", {})
    assert len(str(doc)) < 10_000


@pytest.mark.parametrize(
    ("error", "code"), [(AuthFailed("not taken"), "AUTH_FAILED"), (Permanent("no such address"), "INVALID")]
)
async def test_what_cannot_work_is_given_up_until_somebody_asks(service: Any, error: Exception, code: str) -> None:
    service.psa.errors = [error]

    integration = await service.integrated()
    await service.work()

    mirror = await service.mirror(integration.integration_id)
    assert (mirror.due, mirror.trouble.code) == (False, code)
    assert service.psa.calls == ["page"]


async def test_an_integration_whose_credentials_are_refused_is_not_read(service: Any) -> None:
    service.psa.errors = [AuthFailed("not taken")]
    integration = await service.integrated()
    await service.work()

    await service.engine.execute([mirroring.wanting(integration)], meta())
    await service.work()

    assert service.psa.calls == ["page"]
    assert (await service.mirror(integration.integration_id)).due is False


async def test_a_reading_under_an_old_connection_writes_nothing_once_there_is_a_new_one(service: Any) -> None:
    service.has("1", "Old")
    service.psa.hold = asyncio.Event()
    integration = await service.integrated()
    await service.workers["mirror"].step()
    await service.turns()
    change: Edit = {"name": "Another", "credentials": service.sealed(integration)}

    await service.engine.execute(
        change_integration.edit(integration.integration_id, change, expected_version=None), meta()
    )
    service.psa.hold.set()
    await service.turns()

    assert await names(service) == []
    assert (await service.mirror(integration.integration_id)).due


async def test_of_a_deleted_integration_nothing_is_kept(service: Any) -> None:
    service.has("1", "Anchor")
    integration = await service.integrated()
    await service.work()

    await service.engine.execute(
        change_integration.delete(integration.integration_id, links=0, expected_version=None), meta()
    )
    await service.work()

    assert await service.store.find("accounts", {}) == []
    assert await service.open_work() == {}
    gone = await service.integration(integration.integration_id)
    assert (gone.deleted, gone.credentials, gone.base_url) == (True, None, None)


async def test_a_write_that_another_reading_was_faster_with_is_left_out(service: Any) -> None:
    integration, accounts = await service.integrated(), Accounts(service.store, None)
    account = service.has("1", "Anchor")

    await asyncio.gather(*(accounts.put(integration, [account]) for _ in range(2)))

    assert await names(service) == ["Anchor"]
