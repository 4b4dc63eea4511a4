"""Many accounts imported by one request: previewed, asked for a few at a time, counted, and each of them once."""

from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest

from psa_sync_svc.domain import likeness
from psa_sync_svc.domain.integration import Integration
from psa_sync_svc.handlers.mirroring import wanting
from psa_sync_svc.workers import bulk as bulk_worker
from psa_sync_svc.workers.envelope import work_meta
from psa_sync_svc.workers.psa import RateLimited
from shared.contracts.customers import Customer, CustomerArchived, CustomerCreated, CustomerImported
from shared.contracts.customers import Integration as Link
from shared.contracts.topics import CUSTOMERS, PSA

THEIRS = {"x-partner": "tide-telecom"}


@pytest.fixture(autouse=True)
def five_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REBILLING_PSA__BULK_OPEN_AT_ONCE", "5")


def a_customer(name: str, *, phone: str | None = None, link: Link | None = None, **more: Any) -> Customer:
    fields = {
        "version": 1,
        "status": "active",
        "created_at": "2026-07-01T00:00:00Z",
        "updated_at": "2026-07-01T00:00:00Z",
    }
    known = {"customer_id": str(uuid4()), "partner_id": "harbour-it", "company_name": name, "contact_number": phone}
    return Customer.model_validate(fields | known | {"integration": link} | more)


def linked_with(integration: Integration | str, account_id: str) -> Link:
    id = integration if isinstance(integration, str) else integration.integration_id
    return Link(
        integration_id=id,
        account_id=account_id,
        provider="autotask",
        reference=None,
        link_version=1,
    )


async def a_list(service: Any, number: int) -> Integration:
    """An integration with so many accounts, each with a number of its own, its list read."""
    for each in range(number):
        service.has(f"{each:03}", f"Account {each:03}")
        service.psa.accounts_there[f"{each:03}"] = _numbered(service.psa.accounts_there[f"{each:03}"], each)
    integration: Integration = await service.integrated()
    await service.work()
    return integration


def _numbered(account: Any, number: int) -> Any:
    return replace(account, contact_number=f"(08) 9555 {number:04}")


async def customers_answer(service: Any) -> None:
    """customer-svc makes a customer of every account that was answered, and has not been told of before."""
    for answer in service.answers():
        import_ = await service.import_(answer["request_id"])
        if import_.status != "answered":
            continue
        link = linked_with(answer["integration_id"], answer["account"]["account_id"])
        customer = a_customer(answer["account"]["company_name"], link=link)
        event = CustomerImported(customer=customer, request_id=answer["request_id"], created=True)
        await service.hear(CUSTOMERS, event)


async def goes_on(service: Any, *, rounds: int = 40) -> int:
    """Until nothing of any bulk import is due; answers the most imports that were open together."""
    most: int = 0
    for _ in range(rounds):
        await service.work()
        waiting = await service.store.count("imports", {"q.step": {"$in": ["pending", "answered"]}})
        most = max(most, int(waiting))
        await customers_answer(service)
        if "bulk" not in await service.open_work():
            return most
        service.clock.pass_(seconds=4)
    raise AssertionError("it does not come to an end")


async def asked(http: httpx.AsyncClient, integration: Integration, **more: Any) -> dict[str, Any]:
    answer = await http.post("/v1/bulk-imports", json={"integration_id": integration.integration_id} | more)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def seen(http: httpx.AsyncClient, bulk: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await http.get(f"/v1/bulk-imports/{bulk['bulk_id']}")).raise_for_status().json()
    return found


def progress(service: Any) -> list[dict[str, Any]]:
    return [data for name, data in service.said(PSA) if name == "BulkImportProgressed"]


async def test_a_preview_marks_what_is_new_linked_or_like_a_customer_by_name_or_number(
    service: Any, http: httpx.AsyncClient
) -> None:
    integration = await a_list(service, 5)
    linked = a_customer("Whatever", link=linked_with(integration, "000"))
    named, numbered = a_customer("ACCOUNT-001 Pty Ltd"), a_customer("Another", phone="+61895550002")
    for customer in (linked, named, numbered, a_customer("Account 003", partner_id="tide-telecom")):
        await service.hear(CUSTOMERS, CustomerCreated(customer=customer, source="manual"))
    at = f"/v1/integrations/{integration.integration_id}/import-preview"

    page = (await http.get(at, params={"limit": 3})).raise_for_status().json()
    rest = (await http.get(at, params={"after": page["next"]})).raise_for_status().json()
    found = (await http.get(at, params={"search": "account 00", "active": "false"})).raise_for_status().json()

    shown = {each["account"]["account_id"]: (each["mark"], each["customers"]) for each in page["items"] + rest["items"]}
    assert shown == {
        "000": ("linked", [linked.customer_id]),
        "001": ("likely_duplicate", [named.customer_id]),
        "002": ("likely_duplicate", [numbered.customer_id]),
        "003": ("new", []),
        "004": ("new", []),
    }
    assert page["counts"] == {"found": 5, "new": 2, "linked": 1, "likely_duplicate": 2}
    assert (rest["counts"], rest["next"]) == (None, None)
    assert (found["items"], found["counts"]["found"]) == ([], 0)


async def test_a_preview_reads_no_telephone_number_anew(
    service: Any, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They came down to what they are when the list was read; 20,000 of them take most of a second."""
    integration = await a_list(service, 3)
    customer = a_customer("Another", phone="+61895550002")
    await service.hear(CUSTOMERS, CustomerCreated(customer=customer, source="manual"))
    read: list[str] = []
    monkeypatch.setattr(likeness, "phone_key", lambda number, _region: read.append(number))

    page = (await http.get(f"/v1/integrations/{integration.integration_id}/import-preview")).raise_for_status().json()

    assert page["counts"] == {"found": 3, "new": 2, "linked": 0, "likely_duplicate": 1}
    assert read == []


@pytest.mark.parametrize("kept", [None, {"name": "b", "phone": None, "region": None, "form": 0}])
async def test_an_account_that_an_older_version_kept_is_compared_and_kept_anew_with_the_next_reading(
    service: Any, http: httpx.AsyncClient, kept: dict[str, Any] | None
) -> None:
    integration = await a_list(service, 1)
    [doc] = await service.store.find("accounts", {})
    update = {"$unset": {"like": ""}} if kept is None else {"$set": {"like": kept}}
    await service.store.update_if("accounts", doc["_id"], {}, update)
    customer = a_customer("Another", phone="+61895550000")
    await service.hear(CUSTOMERS, CustomerCreated(customer=customer, source="manual"))

    page = (await http.get(f"/v1/integrations/{integration.integration_id}/import-preview")).json()
    await service.engine.execute([wanting(integration)], work_meta(integration.partner_id, "test"))
    await service.work()

    assert [each["mark"] for each in page["items"]] == ["likely_duplicate"]
    [after] = await service.store.find("accounts", {})
    assert (after["like"], after["rev"]) == (doc["like"], doc["rev"] + 1)


async def test_an_archived_customer_is_like_no_account(service: Any, http: httpx.AsyncClient) -> None:
    integration = await a_list(service, 1)
    customer = a_customer("Account 000")
    await service.hear(CUSTOMERS, CustomerCreated(customer=customer, source="manual"))
    archived = customer.model_copy(update={"version": 2, "status": "archived"})
    await service.hear(CUSTOMERS, CustomerArchived(customer=archived))

    page = (await http.get(f"/v1/integrations/{integration.integration_id}/import-preview")).json()

    assert [each["mark"] for each in page["items"]] == ["new"]


async def test_all_accounts_become_customers_a_few_at_a_time_and_each_once(
    service: Any, http: httpx.AsyncClient
) -> None:
    integration = await a_list(service, 23)
    await service.hear(
        CUSTOMERS, CustomerCreated(customer=a_customer("X", link=linked_with(integration, "000")), source="manual")
    )
    await service.hear(CUSTOMERS, CustomerCreated(customer=a_customer("Account 001"), source="manual"))

    bulk = await asked(http, integration)
    most = await goes_on(service)

    found = await seen(http, bulk)
    expected = {"found": 23, "asked": 21, "imported": 21, "linked_already": 1, "refused": 0, "skipped": 1}
    assert (bulk["status"], bulk["expected"], found["status"], found["counts"]) == ("pending", 23, "done", expected)
    assert most <= 5
    assert set(Counter(answer["account"]["account_id"] for answer in service.answers()).values()) == {1}
    assert [(each["status"], each["counts"]["imported"]) for each in progress(service)][-1] == ("done", 21)
    assert sum(each["status"] == "done" for each in progress(service)) == 1


async def test_only_what_was_chosen_is_imported(service: Any, http: httpx.AsyncClient) -> None:
    integration = await a_list(service, 12)
    await service.hear(CUSTOMERS, CustomerCreated(customer=a_customer("Account 001"), source="manual"))

    searched = await asked(http, integration, search="account 01")
    named = await asked(http, integration, account_ids=["001", "003", "003", "999"], skip_likely_duplicates=False)
    await goes_on(service)

    assert (await seen(http, searched))["counts"]["imported"] == 2
    found = await seen(http, named)
    refused = (await http.get(f"/v1/bulk-imports/{named['bulk_id']}/refused")).json()
    assert (found["expected"], found["counts"]["imported"], found["counts"]["refused"]) == (3, 2, 1)
    assert [(each["account_id"], each["code"]) for each in refused["items"]] == [("999", "NOT_FOUND")]


async def test_died_between_asking_and_going_on_nothing_is_asked_twice_and_nothing_counted_twice(
    service: Any, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    integration = await a_list(service, 7)
    deaths = iter([True, True])

    def dies(_name: str) -> None:
        if next(deaths, False):
            raise RuntimeError("the process ended here")

    monkeypatch.setattr(bulk_worker, "failpoint", dies)
    bulk = await asked(http, integration)
    for _ in range(2):  # the lease has to run out; meanwhile what was asked for is imported and linked
        await service.work()
        await customers_answer(service)
        service.clock.pass_(minutes=5)
    await goes_on(service)

    counts = (await seen(http, bulk))["counts"]
    assert counts == {"found": 7, "asked": 7, "imported": 7, "linked_already": 0, "refused": 0, "skipped": 0}
    assert len(service.answers()) == 7


async def test_a_cancelled_one_asks_for_nothing_more(service: Any, http: httpx.AsyncClient) -> None:
    integration = await a_list(service, 20)
    bulk = await asked(http, integration)
    await service.work()

    cancelled = await http.post(f"/v1/bulk-imports/{bulk['bulk_id']}/cancel")
    await goes_on(service)

    found = await seen(http, bulk)
    assert (cancelled.json()["status"], found["status"], found["detail"]) == ("cancelled", "cancelled", "by user:ann")
    assert (found["counts"]["asked"], found["counts"]["imported"]) == (5, 5)
    assert found["over_at"] is not None
    assert progress(service)[-1]["status"] == "cancelled"


async def test_the_same_key_is_the_same_bulk_import_and_another_partner_finds_none(
    service: Any, http: httpx.AsyncClient
) -> None:
    integration = await a_list(service, 2)
    body, key = {"integration_id": integration.integration_id}, {"Idempotency-Key": "k1"}

    first, again = [await http.post("/v1/bulk-imports", json=body, headers=key) for _ in range(2)]
    at = first.headers["location"]

    assert first.json() == again.json()
    assert await service.store.count("bulk_imports", {}) == 1
    for method, path in (("GET", at), ("GET", f"{at}/refused"), ("POST", f"{at}/cancel")):
        assert (await http.request(method, path, headers=THEIRS)).status_code == 404
    assert (await http.post("/v1/bulk-imports", json=body, headers=THEIRS)).status_code == 404
    preview = f"/v1/integrations/{integration.integration_id}/import-preview"
    assert (await http.get(preview, headers=THEIRS)).status_code == 404
    assert (await seen(http, first.json()))["status"] == "pending"


async def test_a_limit_of_the_psas_is_a_pause_and_no_refusal(service: Any, http: httpx.AsyncClient) -> None:
    integration = await a_list(service, 3)
    bulk = await asked(http, integration)
    service.psa.errors = [RateLimited("later", retry_after_s=3600.0) for _ in range(3)]

    await service.work()
    service.clock.pass_(hours=1, minutes=1)
    await goes_on(service)

    assert (await seen(http, bulk))["counts"]["imported"] == 3


async def test_a_deleted_integration_ends_it(service: Any, http: httpx.AsyncClient) -> None:
    integration = await a_list(service, 20)
    bulk = await asked(http, integration)

    await service.removed(integration)
    await goes_on(service)

    found = await seen(http, bulk)
    assert (found["status"], found["detail"]) == ("cancelled", "the integration was deleted")


async def test_accounts_are_chosen_in_one_way(service: Any, http: httpx.AsyncClient) -> None:
    integration = await a_list(service, 1)
    body = {"integration_id": integration.integration_id, "search": "x", "account_ids": ["1"]}

    answer = await http.post("/v1/bulk-imports", json=body)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "INVALID")
