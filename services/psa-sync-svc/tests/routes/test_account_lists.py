"""The accounts to choose from: listed, searched and read, and trouble told for what it is."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from psa_sync_svc.workers.psa import AuthFailed, Permanent, RateLimited, Transient

from .asking import at, created, errors


async def test_the_accounts_are_listed_by_name_in_pages_and_searched(http: httpx.AsyncClient, service: Any) -> None:
    for id, name in (("1", "Wattle (Tidé)"), ("2", "anchor"), ("3", "Buoy"), ("4", "Anchor")):
        service.has(id, name)
    made = await created(http)
    await service.work()

    names: list[str] = []
    after: str | None = ""
    while after is not None:
        page = (await http.get(at(made, "/accounts"), params={"limit": 3, "after": after})).json()
        names += [item["company_name"].lower() for item in page["items"]]
        after = page["next"]

    async def found(text: str) -> list[str]:
        answer = await http.get(at(made, "/accounts"), params={"search": text})
        return [item["account_id"] for item in answer.json()["items"]]

    assert names == ["anchor", "anchor", "buoy", "wattle (tidé)"]
    assert await found("TLE (t") == ["1"]
    assert await found("at-3") == ["3"]
    assert await found(".*") == []
    assert page["mirrored_at"] is not None
    assert (page["refreshing"], page["trouble"]) == (False, None)
    assert set(page["items"][0]) >= {"account_id", "company_name", "contact_number", "company_address", "active"}


async def test_the_first_look_waits_for_the_list_instead_of_showing_none(http: httpx.AsyncClient, service: Any) -> None:
    service.has()
    made = await created(http)
    asking = asyncio.create_task(http.get(at(made, "/accounts")))
    await service.turns()

    await service.work()

    assert len((await asking).json()["items"]) == 1


async def test_a_list_that_could_not_be_read_yet_is_a_problem_and_not_an_empty_list(
    http: httpx.AsyncClient, service: Any
) -> None:
    made = await created(http)
    waiting = await http.get(at(made, "/accounts"))
    service.psa.errors = [Permanent("there is no PSA at this address")]
    await service.work()
    wrong = await http.get(at(made, "/accounts"))

    assert (waiting.status_code, errors(waiting)) == (503, [("", "UNAVAILABLE")])
    assert int(waiting.headers["retry-after"]) > 0
    assert (wrong.status_code, errors(wrong)) == (502, [("", "INVALID")])


async def test_a_list_that_was_never_read_is_searched_in_the_psa_itself(http: httpx.AsyncClient, service: Any) -> None:
    for id, name in (("1", "Wattle & Tide"), ("2", "anchor tide"), ("3", "Buoy")):
        service.has(id, name)
    made = await created(http)

    async def found(text: str) -> dict[str, Any]:
        page: dict[str, Any] = (await http.get(at(made, "/accounts"), params={"search": text})).json()
        return page | {"items": [item["account_id"] for item in page["items"]]}

    there = await found("ide")
    await service.work()
    calls = len(service.psa.calls)
    mirrored = await found("TIDE")

    assert (there["items"], there["next"], there["mirrored_at"], there["refreshing"]) == (["2", "1"], None, None, True)
    assert (mirrored["items"], mirrored["mirrored_at"] is not None) == (["2", "1"], True)
    assert service.psa.calls[0] == "search ide"
    assert len(service.psa.calls) == calls


async def test_a_psa_that_refuses_the_credentials_is_not_searched_again(http: httpx.AsyncClient, service: Any) -> None:
    made = await created(http)
    service.psa.errors = [AuthFailed("the PSA does not take these credentials")]

    answers = [await http.get(at(made, "/accounts"), params={"search": "x"}) for _ in range(2)]

    assert [errors(answer) for answer in answers] == [[("", "AUTH_FAILED")]] * 2
    assert service.psa.calls == ["search x"]
    assert (await service.integration(made["integration_id"])).status == "auth_failed"


async def test_a_list_that_cannot_be_read_is_not_searched_there(http: httpx.AsyncClient, service: Any) -> None:
    made = await created(http)
    service.psa.errors = [Permanent("there is no PSA at this address")]
    await service.work()

    answer = await http.get(at(made, "/accounts"), params={"search": "x"})

    assert (answer.status_code, errors(answer)) == (502, [("", "INVALID")])
    assert "search x" not in service.psa.calls


async def test_a_psa_without_accounts_has_an_empty_list(http: httpx.AsyncClient, service: Any) -> None:
    made = await created(http)
    await service.work()

    page = (await http.get(at(made, "/accounts"))).json()

    assert (page["items"], page["mirrored_at"] is not None) == ([], True)


async def test_an_old_list_is_shown_while_it_is_read_anew_and_trouble_is_told_beside_it(
    http: httpx.AsyncClient, service: Any
) -> None:
    service.has()
    made = await created(http)
    await service.work()
    fresh = (await http.get(at(made, "/accounts"))).json()
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    await service.store.update_if("mirrors", made["integration_id"], {}, {"$set": {"state.mirrored_at": yesterday}})

    old = (await http.get(at(made, "/accounts"))).json()
    service.psa.errors = [Permanent("the endpoint is gone")]
    await service.work()
    troubled = (await http.get(at(made, "/accounts"))).json()

    assert (fresh["refreshing"], old["refreshing"], len(old["items"])) == (False, True, 1)
    assert (troubled["trouble"]["code"], len(troubled["items"])) == ("INVALID", 1)
    assert troubled["refreshing"] is False


async def test_one_account_is_read_fresh_and_trouble_is_told_for_what_it_is(
    http: httpx.AsyncClient, service: Any
) -> None:
    made = await created(http)
    service.has(name="As it is now", email_hint="reception@wattle.example")

    now = await http.get(at(made, "/accounts/4711"))
    missing = await http.get(at(made, "/accounts/404"))
    strange = await http.get(at(made, "/accounts/a%20b"))
    service.psa.errors = [RateLimited("too many calls", 40.2), Transient("an error page"), Permanent("no such field")]
    limited, away, wrong = [await http.get(at(made, "/accounts/4711")) for _ in range(3)]

    assert (now.json()["company_name"], now.json()["email_hint"]) == ("As it is now", "reception@wattle.example")
    assert [answer.status_code for answer in (missing, strange, limited, away, wrong)] == [404, 404, 503, 503, 502]
    assert errors(limited) == [("", "RATE_LIMITED")]
    assert limited.headers["retry-after"] == "41"
    assert "account a b" not in service.psa.calls
