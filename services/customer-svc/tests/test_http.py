"""The same rules over HTTP: versions, keys, problems, lists and the timeline."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

ACCOUNT = {"integration_id": str(uuid4()), "account_id": "4711"}


async def created(http: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await http.post("/v1/customers", json={"company_name": "Harbour Dental", **fields})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def errors(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.headers["content-type"] == "application/problem+json"
    return [(problem["pointer"], problem["code"]) for problem in answer.json()["errors"]]


async def test_a_customer_is_created_told_where_it_is_and_read_there(http: httpx.AsyncClient, service: Any) -> None:
    answer = await http.post("/v1/customers", json={"company_name": "Harbour", "contact_number": "08 9555 0142"})

    read = await http.get(answer.headers["location"])
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    assert read.json() == answer.json()
    assert read.json()["contact_number"] == "+61895550142"
    await service.all_said()
    assert service.said()[0][1]["source"] == "manual"


async def test_a_post_with_a_key_has_its_effect_once_and_another_body_is_refused(
    http: httpx.AsyncClient, service: Any
) -> None:
    key = {"Idempotency-Key": "k1"}
    answers = [await http.post("/v1/customers", json={"company_name": "Harbour"}, headers=key) for _ in range(2)]
    other = await http.post("/v1/customers", json={"company_name": "Other"}, headers=key)

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert (other.status_code, errors(other)) == (422, [("", "IDEMPOTENCY_KEY_REUSED")])
    await service.all_said()
    assert service.names() == ["CustomerCreated", "EmailMissing"]


@pytest.mark.parametrize("first", [{}, {"customer_id": str(uuid4())}])
async def test_a_key_stands_for_its_body_also_where_another_body_names_another_customer(
    http: httpx.AsyncClient, service: Any, first: dict[str, str]
) -> None:
    key, named = {"Idempotency-Key": "k1"}, str(uuid4())
    await http.post("/v1/customers", json={"company_name": "Harbour", **first}, headers=key)

    other = await http.post("/v1/customers", json={"company_name": "Harbour", "customer_id": named}, headers=key)

    assert (other.status_code, errors(other)) == (422, [("", "IDEMPOTENCY_KEY_REUSED")])
    assert (await http.get(f"/v1/customers/{named}")).status_code == 404
    await service.all_said()
    assert service.names() == ["CustomerCreated", "EmailMissing"]


async def test_every_field_that_is_wrong_is_named_at_its_place_in_the_body(http: httpx.AsyncClient) -> None:
    customer = await created(http)
    wrong = {"email": "nobody", "contact_number": "12", "cc": ["x"], "company_address": {"country": "Q9"}}

    for answer in (
        await http.post("/v1/customers", json={"company_name": "x", **wrong}),
        await http.patch(f"/v1/customers/{customer['customer_id']}", json=wrong),
    ):
        assert answer.status_code == 422
        assert {pointer for pointer, _ in errors(answer)} == {
            "/email",
            "/contact_number",
            "/cc/0",
            "/company_address/country",
        }


async def test_a_wrong_form_does_not_hide_wrong_values(http: httpx.AsyncClient) -> None:
    at = f"/v1/customers/{(await created(http))['customer_id']}"
    wrong = {"company_name": " ", "email": "nobody", "cc": ["a@b.test", "x"], "contact_number": "089 1"}

    assert set(errors(await http.post("/v1/customers", json=wrong))) == {
        ("/company_name", "REQUIRED"),
        ("/email", "EMAIL_INVALID"),
        ("/cc/1", "EMAIL_INVALID"),
        ("/contact_number", "PHONE_INVALID"),
    }
    long = {"email": "a" * 201, "contact_number": "089 5550142", "cc": "none", "company_address": {"country": "Q9"}}
    assert set(errors(await http.patch(at, json=long))) == {
        ("/email", "TOO_LONG"),
        ("/cc", "INVALID"),
        ("/company_address/country", "COUNTRY_UNKNOWN"),
    }


async def test_a_form_that_is_wrong_is_named_in_the_body_too(http: httpx.AsyncClient) -> None:
    at = f"/v1/customers/{(await created(http))['customer_id']}"

    assert errors(await http.patch(at, json={"colour": "red"})) == [("/colour", "UNKNOWN_FIELD")]
    assert errors(await http.put(f"{at}/payment-terms", json={"kind": "net", "days": -1})) == [("/days", "INVALID")]
    assert (await http.put(f"{at}/payment-terms", json={})).status_code == 422


async def test_a_change_from_an_old_version_gets_412_and_changes_nothing(http: httpx.AsyncClient) -> None:
    customer = await created(http)
    at = f"/v1/customers/{customer['customer_id']}"
    first = await http.patch(at, json={"company_name": "A"}, headers={"If-Match": '"1"'})

    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    old = {"If-Match": '"1"'}
    for answer in (
        await http.patch(at, json={"company_name": "B"}, headers=old),
        await http.put(f"{at}/payment-terms", json={"kind": "net", "days": 14}, headers=old),
        await http.put(f"{at}/integration", json=ACCOUNT, headers=old),
        await http.delete(f"{at}/payment-terms", headers=old),
    ):
        assert answer.status_code == 412
    assert (await http.get(at)).json()["company_name"] == "A"


async def test_payment_terms_are_put_and_taken_back(http: httpx.AsyncClient, service: Any) -> None:
    at = f"/v1/customers/{(await created(http))['customer_id']}"

    put = await http.put(f"{at}/payment-terms", json={"kind": "net", "days": 14})
    gone = await http.delete(f"{at}/payment-terms")

    assert put.json()["payment_terms"] == {"kind": "net", "days": 14}
    assert gone.json()["payment_terms"] is None
    await service.all_said()
    assert service.names()[-4:] == ["CustomerUpdated", "PaymentTermsChanged"] * 2


async def test_an_account_is_linked_to_one_customer_only(http: httpx.AsyncClient) -> None:
    one, two = [f"/v1/customers/{(await created(http))['customer_id']}" for _ in range(2)]

    assert (await http.put(f"{one}/integration", json=ACCOUNT)).json()["integration"]["account_id"] == "4711"
    taken = await http.put(f"{two}/integration", json=ACCOUNT)
    assert (taken.status_code, errors(taken)) == (409, [("/account_id", "ALREADY_LINKED")])
    assert (await http.delete(f"{one}/integration")).json()["integration"] is None
    assert (await http.put(f"{two}/integration", json=ACCOUNT)).status_code == 200


async def test_standing_is_changed_and_archived_answers_409(http: httpx.AsyncClient) -> None:
    at = f"/v1/customers/{(await created(http))['customer_id']}"

    statuses = [(await http.post(f"{at}/{verb}")).json()["status"] for verb in ("disable", "enable", "archive")]

    assert statuses == ["disabled", "active", "archived"]
    refused = await http.patch(at, json={"company_name": "x"})
    assert (refused.status_code, errors(refused)) == (409, [("", "CONFLICT_WITH_STATE")])


@pytest.mark.parametrize("path", ["", "/timeline"])
async def test_another_partner_finds_nothing(http: httpx.AsyncClient, path: str) -> None:
    customer = await created(http)
    theirs = {"x-partner": "other"}
    at = f"/v1/customers/{customer['customer_id']}"

    assert (await http.get(f"{at}{path}", headers=theirs)).status_code == 404
    assert (await http.patch(at, json={"company_name": "x"}, headers=theirs)).status_code == 404
    assert (await http.get("/v1/customers", headers=theirs)).json() == {"items": [], "next": None}


@pytest.mark.parametrize("id", ["nobody", "50b6980b-abc8-4aeb-903e-44eb068bd58a", "%00"])
async def test_what_is_no_customer_is_404(http: httpx.AsyncClient, id: str) -> None:
    assert (await http.get(f"/v1/customers/{id}")).status_code == 404
    assert (await http.get(f"/v1/customers/{id}/timeline")).status_code == 404
    assert (await http.post(f"/v1/customers/{id}/disable")).status_code == 404


async def test_the_list_goes_by_name_in_pages_that_miss_nobody(http: httpx.AsyncClient) -> None:
    for name in ("delta", "Alpha", "charlie", "Bravo", "alpha"):
        await created(http, company_name=name)

    names: list[str] = []
    after: str | None = ""
    while after is not None:
        page = (await http.get("/v1/customers", params={"limit": 2, "after": after})).json()
        names += [item["company_name"] for item in page["items"]]
        after = page["next"]

    assert [name.lower() for name in names] == ["alpha", "alpha", "bravo", "charlie", "delta"]


async def test_the_list_is_searched_and_filtered(http: httpx.AsyncClient) -> None:
    await created(http, company_name="Wattle (Tide)", email="ap@wattle.test")
    gone = await created(http, company_name="Harbour")
    await http.post(f"/v1/customers/{gone['customer_id']}/disable")

    async def found(**params: str) -> list[str]:
        return [item["company_name"] for item in (await http.get("/v1/customers", params=params)).json()["items"]]

    assert await found(search="tle (TI") == ["Wattle (Tide)"]
    assert await found(search="AP@wattle") == ["Wattle (Tide)"]
    assert await found(search=".*") == []
    assert await found(email="missing") == ["Harbour"]
    assert await found(status="active") == ["Wattle (Tide)"]
    assert await found(status="disabled", email="missing", search="harb") == ["Harbour"]
    for wrong in ({"status": "gone"}, {"email": "set"}, {"search": "a\x00"}, {"search[$ne]": "x", "status": "$ne"}):
        assert (await http.get("/v1/customers", params=wrong)).status_code == 422


async def test_case_and_accents_count_neither_in_a_search_nor_in_the_order(http: httpx.AsyncClient) -> None:
    for name in ("Zebra", "Fac\u0327ade Works", "FABRIK", "Éclair", "ﷺ" * 200):
        await created(http, company_name=name)

    async def found(search: str) -> list[str]:
        return [
            each["company_name"]
            for each in (await http.get("/v1/customers", params={"search": search})).json()["items"]
        ]

    assert await found("façade") == await found("FACADE w") == ["Fac\u0327ade Works"]
    assert await found("écl") == await found("ECL") == ["Éclair"]
    names: list[str] = []
    after: str | None = ""
    while after is not None:
        page = await http.get("/v1/customers", params={"limit": 1, "after": after})
        assert page.status_code == 200
        names += [each["company_name"][:6] for each in page.json()["items"]]
        after = page.json()["next"]
    assert names == ["Éclair", "FABRIK", "Fac\u0327ad", "Zebra", "ﷺﷺﷺﷺﷺﷺ"]


async def test_a_page_goes_on_after_its_place_though_names_before_it_changed(http: httpx.AsyncClient) -> None:
    customers = [await created(http, company_name=name) for name in ("alpha", "bravo", "charlie", "delta")]
    first = (await http.get("/v1/customers", params={"limit": 2})).json()

    await http.patch(f"/v1/customers/{customers[1]['customer_id']}", json={"company_name": "aardvark"})
    await created(http, company_name="beta")
    rest = (await http.get("/v1/customers", params={"limit": 2, "after": first["next"]})).json()

    assert [each["company_name"] for each in rest["items"]] == ["charlie", "delta"]


async def test_the_timeline_tells_who_changed_what_newest_first_however_often_it_was_told(
    http: httpx.AsyncClient, service: Any
) -> None:
    at = f"/v1/customers/{(await created(http))['customer_id']}"
    await http.patch(at, json={"email": "ap@harbour.test"})
    await http.put(f"{at}/payment-terms", json={"kind": "end_of_month"})
    for _ in range(2):
        await service.hear_itself()

    first = (await http.get(f"{at}/timeline", params={"limit": 4})).json()
    rest = (await http.get(f"{at}/timeline", params={"limit": 4, "after": first["next"]})).json()

    items = first["items"] + rest["items"]
    assert [item["event"] for item in reversed(items)] == [
        *("CustomerCreated", "EmailMissing", "CustomerUpdated", "EmailConfigured", "CustomerUpdated"),
        "PaymentTermsChanged",
    ]
    assert items[0]["changes"] == [{"field": "payment_terms", "before": None, "after": {"kind": "end_of_month"}}]
    assert items[3]["changes"] == [{"field": "email", "before": None, "after": "ap@harbour.test"}]
    assert {(item["actor"], item["source"]) for item in items if item["event"] == "CustomerUpdated"} == {
        ("user:ann", "portal")
    }
    assert rest["next"] is None


async def test_a_cursor_of_another_customers_timeline_is_refused(http: httpx.AsyncClient, service: Any) -> None:
    one, two = [f"/v1/customers/{(await created(http))['customer_id']}" for _ in range(2)]
    await service.hear_itself()
    page = (await http.get(f"{one}/timeline", params={"limit": 1})).json()

    assert (await http.get(f"{two}/timeline", params={"after": page["next"]})).status_code == 400


async def test_the_documents_of_the_routes_can_be_made(http: httpx.AsyncClient) -> None:
    paths = (await http.get("/openapi.json")).json()["paths"]

    assert set(paths["/v1/customers/{customer_id}/integration"]) == {"put", "delete"}
    body = paths["/v1/customers/{customer_id}/payment-terms"]["put"]["requestBody"]["content"]["application/json"]
    assert "oneOf" in body["schema"]


async def test_the_reference_is_set_over_http_and_refused_at_its_place(http: httpx.AsyncClient) -> None:
    link = {"integration_id": str(uuid4()), "account_id": "4711"}
    id = (await created(http, integration=link))["customer_id"]

    set_here = await http.patch(f"/v1/customers/{id}", json={"reference": "W-9"})
    unlinked = await http.delete(f"/v1/customers/{id}/integration")
    refused = await http.patch(f"/v1/customers/{id}", json={"reference": "W-8"})

    assert set_here.json()["integration"]["reference"] == "W-9"
    assert unlinked.status_code == 200
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (409, "/reference")
