"""What a `Psa` promises of reading, asked of every provider's client against its simulator in a process of its own."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from psa_sync_svc.domain.account import Address, PsaAccount

from .reading import Open, Provider, Simulator, all_of, new, one


async def test_right_credentials_pass_the_check(opened: Open) -> None:
    await opened().check()


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
