"""An account becomes a customer: psa-sync-svc, customer-svc and the simulated PSAs on a real broker and store."""

import asyncio
from collections.abc import Iterator

import pytest

from embedded.autotask.samples import FIRST_ID
from embedded.connectwise.samples import FIRST_ID as CONNECTWISE_FIRST_ID
from embedded.halopsa.samples import FIRST_ID as HALOPSA_FIRST_ID
from embedded.stack import Stack
from tests.component.psa_desk import Desk, Heard, Importer, a_desk

pytestmark = pytest.mark.embedded
ACCOUNT, NAME = str(FIRST_ID), "Kade & Sluis Architecten"


@pytest.fixture(scope="module")
def desk(stack: Stack, servers: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with a_desk(stack, tmp_path_factory.mktemp("desk")) as desk:
        yield desk


async def test_an_account_becomes_a_customer_with_what_the_psa_holds(importer: Importer, heard: Heard) -> None:
    integration = await importer.integrates()
    request = await importer.imports(integration, ACCOUNT, payment_terms={"kind": "net", "days": 14})

    imported = await heard.until_imported(request)

    customer = imported["customer"]
    assert (imported["created"], customer["company_name"], customer["email"]) == (True, NAME, None)
    assert (customer["contact_number"], customer["company_address"]["country"]) == ("+31207946150", "NL")
    assert customer["payment_terms"] == {"kind": "net", "days": 14}
    link = customer["integration"]
    assert (link["integration_id"], link["provider"], link["account_id"]) == (integration, "autotask", ACCOUNT)
    seen = await importer.sees_import(request, "imported")
    assert (seen["customer_id"], seen["created"]) == (customer["customer_id"], True)


@pytest.mark.parametrize(
    ("provider", "account"), [("connectwise", str(CONNECTWISE_FIRST_ID)), ("halopsa", str(HALOPSA_FIRST_ID))]
)
async def test_an_account_of_another_psa_becomes_the_same_customer(
    importer: Importer, heard: Heard, provider: str, account: str
) -> None:
    integrates = {"connectwise": importer.integrates_connectwise, "halopsa": importer.integrates_halopsa}
    integration = await integrates[provider]()
    request = await importer.imports(integration, account)

    customer = (await heard.until_imported(request))["customer"]

    assert (customer["company_name"], customer["email"]) == (NAME, None)
    assert (customer["contact_number"], customer["company_address"]["country"]) == ("+31207946150", "NL")
    link = customer["integration"]
    assert (link["integration_id"], link["provider"], link["account_id"]) == (integration, provider, account)


async def test_two_imports_of_one_account_at_the_same_moment_give_one_customer(
    importer: Importer, heard: Heard
) -> None:
    integration = await importer.integrates()

    requests = await asyncio.gather(*(importer.imports(integration, ACCOUNT) for _ in range(2)))
    both = [await heard.until_imported(request) for request in requests]

    assert len({imported["customer"]["customer_id"] for imported in both}) == 1
    assert sorted(imported["created"] for imported in both) == [False, True]
    seen = [await importer.sees_import(request, "imported") for request in requests]
    assert {each["customer_id"] for each in seen} == {both[0]["customer"]["customer_id"]}


async def test_an_account_that_there_is_not_is_refused(importer: Importer, heard: Heard) -> None:
    request = await importer.imports(await importer.integrates(), "1")

    refused = await heard.until_refused(request)

    assert (refused["code"], refused["account_id"]) == ("NOT_FOUND", "1")
    assert (await importer.sees_import(request, "refused"))["code"] == "NOT_FOUND"


async def test_what_customer_svc_cannot_take_is_refused_by_it_and_closes_the_import(
    importer: Importer, heard: Heard
) -> None:
    request = await importer.imports(await importer.integrates(), ACCOUNT, email="nobody")

    refused = await heard.until_refused(request)

    assert (refused["code"], refused["errors"][0]["code"]) == ("INVALID", "EMAIL_INVALID")
    assert (await importer.sees_import(request, "refused"))["errors"] == refused["errors"]


async def test_wrong_credentials_are_tried_once_and_then_left_alone(importer: Importer, heard: Heard) -> None:
    integration = await importer.integrates(secret="not-the-secret")
    first = await importer.imports(integration, ACCOUNT)
    assert (await heard.until_refused(first))["code"] == "AUTH_FAILED"
    before = len(await importer.calls("Companies"))

    second = await importer.imports(integration, ACCOUNT)
    assert (await heard.until_refused(second))["code"] == "AUTH_FAILED"

    assert len(await importer.calls("Companies")) == before
    shown = (await importer.asks("GET", f"/integrations/{integration}")).json()
    assert (shown["status"], shown["code"]) == ("auth_failed", "AUTH_FAILED")
    assert (await importer.asks("POST", f"/integrations/{integration}/test")).json()["ok"] is False
    assert "not-the-secret" not in importer.desk.psa.log.read_text()


async def test_the_drop_down_lists_searches_and_fills_in_what_the_psa_holds(importer: Importer) -> None:
    integration = await importer.integrates()

    accounts = await importer.accounts(integration, limit="200")
    found = await importer.accounts(integration, search="LODZKA DRUKARNIA SLEZ")
    filled_in = (await importer.asks("GET", f"/integrations/{integration}/accounts/{ACCOUNT}")).json()

    assert len(accounts) > 30
    assert [account["company_name"] for account in found] == ["Łódzka Drukarnia Ślężańska"]
    assert (filled_in["company_name"], filled_in["company_address"]["country"]) == (NAME, "NL")
    assert (await importer.asks("POST", f"/integrations/{integration}/test")).json()["ok"]
