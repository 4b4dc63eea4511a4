"""What a `Psa` promises, asked of every provider's client against its simulator in a process of its own."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from psa_sync_svc.domain.account import Address, PsaAccount
from psa_sync_svc.workers.psa import AuthFailed, Permanent, Psa, PsaError, RateLimited, Transient

Open = Any
Provider = Any
Simulator = Any


async def all_of(psa: Psa, **given: Any) -> list[PsaAccount]:
    return [account async for page in psa.accounts(**given) for account in page]


async def one(psa: Psa, account_id: str) -> PsaAccount:
    found = await psa.account(account_id)
    assert found is not None
    return found


def new(simulator: Simulator, provider: Provider, **ours: Any) -> str:
    made = simulator.asks("POST", "/companies", {**provider.new, **provider.fields(**ours)})
    return str(made["id"])


async def test_right_credentials_pass_the_check(opened: Open) -> None:
    await opened().check()


async def test_each_wrong_credential_fails_it_and_is_not_tried_again(
    opened: Open, provider: Provider, simulator: Simulator
) -> None:
    for name in provider.credentials:
        simulator.asks("DELETE", "/calls")
        psa = opened(credentials={**provider.credentials, name: "somebody-else"})

        with pytest.raises(AuthFailed):
            await psa.check()

        assert len([call for call in simulator.calls() if call["credentials"]]) <= 1


async def test_an_account_in_our_names(opened: Open, provider: Provider) -> None:
    found = await one(opened(), provider.known)

    assert found.modified_at is not None
    assert replace(found, modified_at=None) == PsaAccount(
        account_id=provider.known,
        company_name="Kade & Sluis Architecten",
        contact_number="+31 20 794 6150",
        company_address=Address("Prinsengracht 8", "2e etage", "Amsterdam", None, "1017 JL", "NL"),
        reference="NW-1000",
        active=True,
    )


async def test_names_of_every_script_come_whole_in_the_list(opened: Open) -> None:
    names = {account.company_name for account in await all_of(opened())}

    assert {"Łódzka Drukarnia Ślężańska", "Sunrise Bakery 🥐", "さくら設計事務所", "Ærø Færgefart ApS"} <= names


@pytest.mark.parametrize(
    "text",
    [
        "Ø ï ł ẞ",
        "Zoe\u0301 beside Zo\u00e9",
        "👩\u200d👩\u200d👧 𝔘𝔫𝔦",
        "مخبز الشروق",
        "\u05d1\u05d9\u05ea \u200f(1)",
        "\"quoted\" 'and' \\ <b>&amp;</b>",
        "half\u00a0and\u2003wide\u200bnothing",
        "李 \U00020000",
    ],
)
async def test_text_of_every_kind_comes_as_it_is(
    opened: Open, provider: Provider, simulator: Simulator, text: str
) -> None:
    account_id = new(simulator, provider, name=text, city=text)

    found = await one(opened(), account_id)

    assert (found.company_name, found.company_address and found.company_address.city) == (text, text)
    simulator.asks("DELETE", f"/companies/{account_id}")


@pytest.mark.parametrize("nothing", ["", None, " "])
async def test_null_empty_and_blank_are_the_same(
    opened: Open, provider: Provider, simulator: Simulator, nothing: str | None
) -> None:
    account_id = new(simulator, provider, line1="1", line2="2", city="3", region="X", reference="R")
    simulator.edit(account_id, provider.fields(line1=nothing, line2=nothing, city=nothing, reference=nothing))

    found = await one(opened(), account_id)

    assert found.reference is None
    assert found.company_address is not None
    assert (found.company_address.line1, found.company_address.line2, found.company_address.city) == (None, None, None)
    assert found.company_address.region == "X"
    simulator.asks("DELETE", f"/companies/{account_id}")


async def test_a_country_that_iso_withdrew_keeps_its_name(opened: Open) -> None:
    [found] = [account for account in await all_of(opened()) if account.company_name == "Curaçao Dive Supply"]

    assert found.company_address is not None
    assert found.company_address.country == "Netherlands Antilles"


async def test_what_is_not_there_is_none(opened: Open, provider: Provider) -> None:
    assert await opened().account(provider.missing) is None


@pytest.mark.parametrize("account_id", ["", "abc", "-1", "007", "1.0", "٣", "77 ", "1" * 20, "../1", "1?a=b", "1/x"])
async def test_what_is_no_id_is_none_without_a_call(opened: Open, simulator: Simulator, account_id: str) -> None:
    assert await opened().account(account_id) is None
    assert simulator.calls() == []


async def test_all_accounts_come_in_pages_in_the_order_of_their_ids(opened: Open, simulator: Simulator) -> None:
    pages = [page async for page in opened().accounts()]

    ids = [int(account.account_id) for page in pages for account in page]
    there = [row["id"] for row in simulator.asks("GET", "/companies", limit=100_000)]
    assert len(pages) > 2
    assert ids == there
    assert ids == sorted(set(ids))


async def test_an_inactive_account_is_listed_as_such(opened: Open, provider: Provider, simulator: Simulator) -> None:
    account_id = new(simulator, provider)
    simulator.edit(account_id, provider.inactive)

    found = {account.account_id: account.active for account in await all_of(opened())}

    assert (found[account_id], found[provider.known]) == (False, True)
    assert (await one(opened(), account_id)).active is False
    simulator.asks("DELETE", f"/companies/{account_id}")


async def test_a_deleted_account_is_none_and_no_more_listed(
    opened: Open, provider: Provider, simulator: Simulator
) -> None:
    psa, account_id = opened(), new(simulator, provider)
    assert await psa.account(account_id) is not None

    simulator.asks("DELETE", f"/companies/{account_id}")

    assert await psa.account(account_id) is None
    assert account_id not in {account.account_id for account in await all_of(psa)}


async def test_an_account_that_is_flagged_as_deleted_is_none_and_no_more_listed(
    opened: Open, provider: Provider, simulator: Simulator
) -> None:
    for flag in provider.flags:
        psa, account_id = opened(), new(simulator, provider)
        simulator.edit(account_id, flag)

        assert await psa.account(account_id) is None
        assert account_id not in {account.account_id for account in await all_of(psa)}
        simulator.asks("DELETE", f"/companies/{account_id}")


async def test_an_account_that_goes_between_two_pages_hides_no_other(
    opened: Open, provider: Provider, simulator: Simulator
) -> None:
    there = [str(row["id"]) for row in simulator.asks("GET", "/companies", limit=100_000)]
    pages = opened().accounts()
    first = await anext(pages)

    simulator.asks("DELETE", f"/companies/{there[len(first) // 2]}")
    rest = [account.account_id async for page in pages for account in page]

    assert [account.account_id for account in first] + rest == there


async def test_only_what_was_changed_since(opened: Open, provider: Provider, simulator: Simulator) -> None:
    began = datetime.now(UTC) + timedelta(seconds=600)
    account_id = new(simulator, provider)

    found = await all_of(opened(overlap_s=660.0), modified_since=began.isoformat())
    later = await all_of(opened(overlap_s=0.0), modified_since=began.isoformat())

    assert account_id in {account.account_id for account in found}
    assert provider.known not in {account.account_id for account in found}
    assert later == []
    simulator.asks("DELETE", f"/companies/{account_id}")


async def test_many_calls_at_a_time_wait_for_each_other(opened: Open, provider: Provider, simulator: Simulator) -> None:
    psa = opened()

    found = await asyncio.gather(*(psa.account(provider.known) for _ in range(24)))

    assert all(found)
    assert {call["status"] for call in simulator.calls(provider.endpoint)} == {200}


@pytest.mark.parametrize(
    "fault",
    [
        {"status": {"code": 503, "shape": "html", "times": 2}},
        {"status": {"code": 429, "retry_after": "1", "times": 2}},
        {"reset": {"when": "before", "times": 2}},
        {"reset": {"when": "after_commit", "times": 2}},
    ],
)
async def test_what_passes_by_itself_is_waited_out(
    opened: Open, provider: Provider, simulator: Simulator, fault: Any
) -> None:
    [(kind, given)] = fault.items()
    simulator.fails(**{kind: {**given, "endpoint": provider.endpoint}})

    assert await opened().account(provider.known) is not None
    assert len(simulator.calls(provider.endpoint)) == 3


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": {"code": 503, "shape": "empty"}}, Transient),
        ({"status": {"code": 500, "shape": "html"}}, Transient),
        ({"status": {"code": 500}}, Transient),
        ({"status": {"code": 409, "text": "concurrency"}}, Transient),
        ({"status": {"code": 403}}, Permanent),
        ({"status": {"code": 405, "shape": "message"}}, Permanent),
        ({"status": {"code": 401}}, AuthFailed),
        ({"status": {"code": 401, "shape": "html"}}, AuthFailed),
        ({"status": {"code": 429}}, RateLimited),
        ({"status": {"code": 429, "shape": "html"}}, RateLimited),
        ({"broken": {"kind": "html"}}, Transient),
        ({"broken": {"kind": "truncated"}}, Transient),
        ({"broken": {"kind": "other_shape"}}, Permanent),
        ({"reset": {"when": "before"}}, Transient),
    ],
)
async def test_each_failure_is_told_by_what_is_to_be_done(
    opened: Open, provider: Provider, simulator: Simulator, fault: Any, error: type[PsaError]
) -> None:
    [(kind, given)] = fault.items()
    simulator.fails(**{kind: {**given, "endpoint": provider.endpoint}})

    with pytest.raises(error) as told:
        await opened().account(provider.known)

    assert told.type.__mro__.index(error) <= 1
    for name in provider.secrets:
        assert provider.credentials[name] not in str(told.value)
        assert provider.credentials[name] not in repr(told.value.__cause__)


async def test_the_time_that_a_limit_names_is_told(opened: Open, provider: Provider, simulator: Simulator) -> None:
    simulator.fails(status={"code": 429, "retry_after": "120", "endpoint": provider.endpoint})

    with pytest.raises(RateLimited) as told:
        await opened().account(provider.known)

    assert told.value.retry_after_s == 120
    assert len(simulator.calls(provider.endpoint)) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"status": {"code": 500, "shape": "html"}},
        {"broken": {"kind": "truncated"}},
        {"broken": {"kind": "html"}},
        {"reset": {"when": "before"}},
        {"status": {"code": 429, "retry_after": "120"}},
    ],
)
async def test_a_list_that_breaks_off_is_an_error_and_never_a_short_list(
    opened: Open, provider: Provider, simulator: Simulator, fault: Any
) -> None:
    [(kind, given)] = fault.items()
    pages = opened().accounts()
    seen = len(await anext(pages))
    simulator.fails(**{kind: {**given, "endpoint": provider.endpoint}})

    with pytest.raises(Transient):
        await anext(pages)

    assert 0 < seen < provider.accounts


async def test_an_answer_that_does_not_come_ends_in_time(
    opened: Open, provider: Provider, simulator: Simulator
) -> None:
    simulator.fails(slow={"s": 600, "endpoint": provider.endpoint})

    with pytest.raises(Transient, match="in time"):
        await opened(attempt_limit_s=0.2).account(provider.known)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(
    opened: Open, provider: Provider, simulator: Simulator, elsewhere: Any, status: int
) -> None:
    simulator.fails(
        status={"code": status, "shape": "empty", "location": f"{elsewhere.url}/x", "endpoint": provider.endpoint}
    )

    with pytest.raises(Permanent, match="redirect"):
        await opened().account(provider.known)

    assert not elsewhere.was_called()


async def test_an_address_on_another_host_that_an_answer_names_is_not_called(
    opened: Open, provider: Provider, simulator: Simulator, elsewhere: Any
) -> None:
    simulator.fails(broken={"kind": "other_link", "link": f"{elsewhere.url}/next", "endpoint": provider.naming})

    with pytest.raises(Permanent, match="another host"):
        await all_of(opened())

    assert not elsewhere.was_called()


async def test_the_other_host_of_these_tests_would_notice(elsewhere: Any) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=0.5) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.get(elsewhere.url)

    assert elsewhere.was_called()


async def test_no_call_log_holds_a_secret(opened: Open, provider: Provider, simulator: Simulator) -> None:
    await opened().account(provider.known)

    told = repr(simulator.calls())
    assert told != "[]"
    for name in provider.secrets:
        assert provider.credentials[name] not in told
